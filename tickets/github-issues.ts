/** Issues and comments as GitHub answers them: the fields that we read. */
import { z } from 'zod';
import { linkSchema } from './address.js';
import { TicketError } from './errors.js';
import type { GithubAnswer, GithubApi } from './github-api.js';
import type { HowToAsk } from './tracker.js';

const userSchema = z.object({ login: z.string() });

export const issueSchema = z.object({
  number: z.number(),
  html_url: linkSchema,
  title: z.string(),
  body: z.string().nullish(),
  state: z.string(),
  labels: z.array(z.union([z.string(), z.object({ name: z.string().nullish() })])),
  user: userSchema.nullish(),
  assignees: z.array(userSchema).nullish(),
  milestone: z.object({ number: z.number() }).nullish(),
  comments: z.number(),
  created_at: z.string(),
  updated_at: z.string(),
  /** Pull requests are listed with the issues, and have this. */
  pull_request: z.unknown().optional(),
});
export type Issue = z.infer<typeof issueSchema>;

export const commentSchema = z.object({ body: z.string().optional(), user: userSchema.nullish() });

const PER_PAGE = 100;
/** An issue has 2500 comments at most, and of issues a call lists a few pages. */
const MOST_PAGES = 50;
const NEXT = /<([^<>]+)>;\s*rel="next"/;

export interface ListedPage<T> {
  data: T;
  /** The query of the next page. */
  next?: string;
}

/**
 * Page by page. Only the query of GitHub's link to the next page is taken over: the token goes nowhere else.
 * @param from the query of the first page
 * @throws TicketError malformed, where there is no end to them
 */
export async function* listedPages<T>(
  api: GithubApi,
  route: string,
  parameters: Record<string, unknown>,
  answer: z.ZodType<T>,
  how: HowToAsk,
  from = `per_page=${PER_PAGE}`,
): AsyncGenerator<ListedPage<T>> {
  const seen = new Set<string>();
  for (let query: string | undefined = from; query !== undefined;) {
    if (seen.has(query) || seen.size === MOST_PAGES) throw endless(route);
    seen.add(query);
    const asked = { ...parameters, ...Object.fromEntries(new URLSearchParams(query)) };
    const page: GithubAnswer<T> = await api({ method: 'GET', route, parameters: asked, answer }, how);
    const next = nextQuery(route, page.headers['link']);
    yield { data: page.data, ...(next !== undefined && { next }) };
    query = next;
  }
}

function nextQuery(route: string, link = ''): string | undefined {
  const address = NEXT.exec(link)?.[1];
  if (address === undefined) return undefined;
  if (URL.canParse(address)) return new URL(address).searchParams.toString();
  throw unread(`GitHub: GET ${route} answered with a link to the next page that is no address`);
}

const endless = (route: string): TicketError =>
  unread(`GitHub: GET ${route} lists page after page: one comes again, or there are more than ${MOST_PAGES}`);

const unread = (message: string): TicketError => new TicketError(message, { kind: 'malformed', written: 'no' });
