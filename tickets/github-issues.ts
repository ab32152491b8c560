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
});
export type Issue = z.infer<typeof issueSchema>;

export const commentSchema = z.object({ body: z.string().optional(), user: userSchema.nullish() });

const PER_PAGE = 100;
const NEXT = /<([^<>]+)>;\s*rel="next"/;

/** Page by page. Only the query of GitHub's link to the next page is taken over: the token goes nowhere else. */
export async function* listedPages<T>(
  api: GithubApi,
  route: string,
  parameters: Record<string, unknown>,
  answer: z.ZodType<T>,
  how: HowToAsk,
): AsyncGenerator<T> {
  let query: Record<string, string> | undefined = { per_page: String(PER_PAGE) };
  while (query !== undefined) {
    const page: GithubAnswer<T> = await api(
      { method: 'GET', route, parameters: { ...parameters, ...query }, answer },
      how,
    );
    yield page.data;
    const next: string | undefined = NEXT.exec(page.headers['link'] ?? '')?.[1];
    query = next === undefined ? undefined : Object.fromEntries(new URL(next).searchParams);
  }
}
