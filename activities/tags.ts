import type { ItemOutcome } from '../contract.js';
import type { PlannedTag } from '../jobs/provision-board/plan.js';
import { matchTag } from '../jobs/provision-board/recognise.js';
import { items, tags, type MiroError, type Tag } from '../miro/index.js';
import { requireBoard } from './boards.js';
import type { Caller } from './calls.js';
import { ensureCreated, type CreateEffect, type Look } from './create-effect.js';
import { ensureSet } from './set-effect.js';
import { all, madeBy, type Made } from './found-items.js';
import { isRefusal, record, recorded, refused } from './outcomes.js';
import { boardOf, callerFor, effectId, loadJob, type CallingDeps, type JobContext } from './job-context.js';
import { inGroups } from './parallel.js';
import { report, type StepReport } from './report.js';

type TagsResult = { tags: Record<string, string> };

export const createTagActivities = (deps: CallingDeps) => ({
  /** Makes the blueprint's tags and hangs them on its items. Effects: create (titles are unique on a board), then set per tag. */
  async ensureTags({ jobId }: { jobId: string }): Promise<StepReport> {
    const job = await loadJob(deps, jobId);
    const outcomes = await inGroups(
      job.plan.tags,
      ({ id }) => id,
      (tag) => ensureTag(deps, job, tag),
    );
    const made = await madeBy(deps.db, jobId);
    await inGroups(
      job.plan.tags,
      ({ id }) => id,
      (tag) => attachTagUnlessGone(deps, job, made, tag),
    );
    return report(outcomes);
  },
});

async function ensureTag(deps: CallingDeps, job: JobContext, tag: PlannedTag): Promise<ItemOutcome> {
  return await recorded(deps, job, `tag ${tag.id}`, async () => {
    const caller = callerFor(deps, job, `tag:${tag.id}`);
    const ensured = await ensureCreated(deps.db, caller, tagEffect(deps, job, caller, tag));
    if (ensured.outcome === 'ambiguous') return { outcome: 'failed', detail: { reason: ensured.reason } };
    return { outcome: ensured.outcome, objectId: ensured.objectId };
  });
}

/** Also used to settle what an ended run left open. A title that is there already is the tag, whoever made it. */
export function tagEffect(
  deps: CallingDeps,
  job: JobContext,
  caller: Caller,
  tag: PlannedTag,
): CreateEffect<Tag, TagsResult> {
  const { boardId } = boardOf(job);
  const result = (id: string): TagsResult => ({ tags: { [tag.id]: id } });
  return {
    id: effectId(job, 'tag', tag.id),
    times: deps.timings.single,
    lookFirst: true,
    call: () => tags.create(boardId, tag.body),
    async look(): Promise<Look<TagsResult>> {
      const match = matchTag(tag.body.title, await all(caller, tags.list(boardId)));
      return match.kind === 'made' ? { kind: 'found', objectId: match.id, result: result(match.id) } : match;
    },
    made: ({ id }) => ({ objectId: id, result: result(id) }),
  };
}

/** A person may have deleted the tag since: its items stay without it. */
async function attachTagUnlessGone(deps: CallingDeps, job: JobContext, made: Made, tag: PlannedTag): Promise<void> {
  try {
    await attachTag(deps, job, made, tag);
  } catch (error) {
    if (!isRefusal(error)) throw error;
    await requireBoard(deps, job);
    await record(deps, job, `tag ${tag.id} on its items`, refused(error.message));
  }
}

async function attachTag(deps: CallingDeps, job: JobContext, made: Made, { id }: PlannedTag): Promise<void> {
  const { boardId } = boardOf(job);
  const tagId = made.tags[id];
  const wanted = job.plan.attachments.flatMap(({ itemId, tagId: of }) =>
    of === id && made.items[itemId] ? [made.items[itemId]] : [],
  );
  if (!tagId || wanted.length === 0) return;
  const caller = callerFor(deps, job, `attach:${id}`);
  const untaggable = new Map<string, MiroError>();
  const missing = (have: Set<string>): string[] =>
    wanted.filter((itemId) => !have.has(itemId) && !untaggable.has(itemId));
  await ensureSet(deps.db, caller, {
    id: effectId(job, 'attach', `r${job.stored.revision}:${id}`),
    times: deps.timings.bulk,
    read: async () => new Set((await all(caller, items.list(boardId, { tagId }))).map((item) => item.id)),
    holds: (have) => missing(have).length === 0,
    write: async (have, ready) =>
      void (await inGroups(
        missing(have),
        (itemId) => itemId,
        async (itemId) => {
          try {
            await caller.send(tags.attach(boardId, itemId, tagId), ready);
          } catch (error) {
            if (!isRefusal(error)) throw error;
            untaggable.set(itemId, error); // a person has deleted the item, or it has 8 tags
          }
        },
      )),
  });
  for (const [itemId, error] of untaggable) {
    await record(deps, job, `tag ${id} on ${itemId}`, refused(error.message));
  }
}
