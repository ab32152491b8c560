/** Writes to an issue that is there. */
import { z } from 'zod';
import { TicketError } from './errors.js';
import { read } from './jira-api.js';
import type { Jira } from './jira-api.js';
import { commentText } from './jira-fields.js';
import { isDone } from './jira-issue.js';

/** Of comments. Jira may send fewer. */
const PAGE = 100;

const commentsPage = z.object({ total: z.number(), comments: z.array(z.object({ body: z.unknown() })) });

/** Effect: create. A comment is in the issue as soon as it is answered, so the look before it needs no time to settle. */
export async function addCommentOnce(
  { config, api }: Jira,
  id: string,
  comment: { marker: string; body: string },
): Promise<void> {
  let seen = 0;
  for (;;) {
    const answer = await api.comments.getComments<unknown>({ issueIdOrKey: id, startAt: seen, maxResults: PAGE });
    const page = read(commentsPage, answer, 'comments');
    // In either form of text the marker stands in one piece.
    if (page.comments.some(({ body }) => JSON.stringify(body).includes(comment.marker))) return;
    seen += page.comments.length;
    if (page.comments.length === 0 || seen >= page.total) break;
  }
  await api.comments.addComment<unknown>({ issueIdOrKey: id, comment: commentText(config, comment) as string });
}

const linkedIssue = z.object({ id: z.string() }).optional();
const linksSchema = z.object({
  fields: z.object({
    issuelinks: z.array(
      z.object({ type: z.object({ name: z.string() }), inwardIssue: linkedIssue, outwardIssue: linkedIssue }),
    ),
  }),
});

/** Effect: set. A link of the configured type in either direction is one that is there. */
export async function linkOnce({ config, api }: Jira, id: string, otherId: string): Promise<void> {
  const answer = await api.issues.getIssue<unknown>({ issueIdOrKey: id, fields: ['issuelinks'] });
  const { fields } = read(linksSchema, answer, 'issue');
  const isThere = fields.issuelinks.some(
    ({ type, inwardIssue, outwardIssue }) =>
      type.name === config.linkType && [inwardIssue?.id, outwardIssue?.id].includes(otherId),
  );
  if (isThere) return;
  await api.links.linkIssues<unknown>({
    type: { name: config.linkType },
    inwardIssue: { id },
    outwardIssue: { id: otherId },
  });
}

/**
 * Effect: set. Deletes where the account may; closes where Jira refuses to: no permission, or sub-tasks below it.
 * @throws TicketError not_found for an issue that is gone
 */
export async function removeOrClose(jira: Jira, id: string): Promise<void> {
  try {
    await jira.api.issues.deleteIssue<unknown>({ issueIdOrKey: id });
  } catch (error) {
    if (!(error instanceof TicketError && (error.kind === 'forbidden' || error.kind === 'invalid'))) throw error;
    await close(jira, id);
  }
}

const category = z.object({ statusCategory: z.object({ key: z.string() }) });
const transitionsSchema = z.object({
  transitions: z.array(z.object({ id: z.string(), name: z.string(), to: category })),
});
const statusSchema = z.object({ fields: z.object({ status: category }) });

async function close({ config, api }: Jira, id: string): Promise<void> {
  const issue = await api.issues.getIssue<unknown>({ issueIdOrKey: id, fields: ['status'] });
  if (isDone(read(statusSchema, issue, 'issue'))) return;
  const answer = await api.issues.getTransitions<unknown>({ issueIdOrKey: id });
  const { transitions } = read(transitionsSchema, answer, 'transitions');
  const wanted = config.doneTransition;
  const found = transitions.find(({ name, to }) =>
    wanted === undefined ? to.statusCategory.key === 'done' : name === wanted,
  );
  if (!found)
    throw notClosable(
      id,
      wanted,
      transitions.map(({ name }) => name),
    );
  await api.issues.doTransition<unknown>({ issueIdOrKey: id, transition: { id: found.id } });
}

function notClosable(id: string, wanted: string | undefined, offered: readonly string[]): TicketError {
  const remedy =
    wanted === undefined
      ? 'name the transition that closes a ticket as doneTransition of the tracker, or let the account delete issues'
      : `look whether the workflow has the transition "${wanted}"; here it offers ${offered.join(', ') || 'none'}`;
  return new TicketError(`Jira lets the account neither delete nor close issue ${id}`, {
    kind: 'forbidden',
    written: 'no',
    remedy,
  });
}
