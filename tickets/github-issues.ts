/** Issues and comments as GitHub answers them: the fields that we read. */
import { z } from 'zod';
import type { GithubAnswer, GithubApi } from './github-api.js';
import type { HowToAsk } from './tracker.js';

const userSchema = z.object({ login: z.string() });

export const issueSchema = z.object({
  number: z.number(),
  html_url: z.string(),
  title: z.string(),
  body: z.string().nullish(),
  state: z.string(),
  labels: z.array(z.union([z.string(), z.object({ name: z.string().nullish() })])),
  user: userSchema.nullish(),
  assignees: z.array(userSchema).nullish(),
  milestone: z.object({ number: z.number() }).nullish(),
  comments: z.number(),
  created_at: z.string(),
  /** Pull requests are listed with the issues, and have this. */
  pull_request: z.unknown().optional(),
  updated_at: z.string(),
});
export type Issue = z.infer<typeof issueSchema>;

export const commentSchema = z.object({ body: z.string().optional(), user: userSchema.nullish() });

const PER_PAGE = 100;
const NEXT = /<([^<>]+)>;\s*rel="next"/;

export interface ListedPage<T> {
  data: T;
  /** The query of the next page. */
  next?: string;
}

/**
 * Page by page. Only the query of GitHub's link to the next page is taken over: the token goes nowhere else.
 * @param from the query of the first page
 */
export async function* listedPages<T>(
  api: GithubApi,
  route: string,
  parameters: Record<string, unknown>,
  answer: z.ZodType<T>,
  how: HowToAsk,
  from = `per_page=${PER_PAGE}`,
): AsyncGenerator<ListedPage<T>> {
  for (let query: string | undefined = from; query !== undefined;) {
    const asked = { ...parameters, ...Object.fromEntries(new URLSearchParams(query)) };
    const page: GithubAnswer<T> = await api({ method: 'GET', route, parameters: asked, answer }, how);
    const address: string | undefined = NEXT.exec(page.headers['link'] ?? '')?.[1];
    const next: string | undefined = address === undefined ? undefined : new URL(address).searchParams.toString();
    yield { data: page.data, ...(next !== undefined && { next }) };
    query = next;
  }
}
