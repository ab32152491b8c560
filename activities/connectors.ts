import type { ItemOutcome } from '../contract.js';
import { connectorBody, type PlannedConnector } from '../jobs/provision-board/plan.js';
import { matchConnector } from '../jobs/provision-board/recognise.js';
import { connectors, type Connector, type NewConnector } from '../miro/index.js';
import { getEffect } from '../store/effects.js';
import type { Caller } from './calls.js';
import { ensureCreated, type CreateEffect, type Look } from './create-effect.js';
import { all, madeBy, type Made } from './found-items.js';
import { recorded } from './outcomes.js';
import { boardOf, callerFor, effectId, loadJob, type CallingDeps, type JobContext } from './job-context.js';
import { inGroups } from './parallel.js';
import { report, type StepReport } from './report.js';

type ConnectorsResult = { connectors: Record<string, string> };

export const createConnectorActivities = (deps: CallingDeps) => ({
  /** Makes the blueprint's connectors. Effect: create, each under a claim of its own; found again by ends, caption and maker. */
  async ensureConnectors({ jobId }: { jobId: string }): Promise<StepReport> {
    const job = await loadJob(deps, jobId);
    const made = await madeBy(deps.db, jobId);
    // Those that look alike go one after the other: each look must know what the one before it made.
    const alike = ({ from, to, body }: PlannedConnector): string => JSON.stringify([from, to, body.captions]);
    return report(await inGroups(job.plan.connectors, alike, (planned) => ensureConnector(deps, job, made, planned)));
  },
});

async function ensureConnector(
  deps: CallingDeps,
  job: JobContext,
  made: Made,
  planned: PlannedConnector,
): Promise<ItemOutcome> {
  return await recorded(deps, job, `connector ${planned.id}`, async () => {
    const caller = callerFor(deps, job, `connector:${planned.id}`);
    const effect = await connectorEffect(deps, job, caller, planned, made);
    if (!effect) return { outcome: 'skipped', detail: { reason: 'an item that it joins is not on the board' } };
    const ensured = await ensureCreated(deps.db, caller, effect);
    if (ensured.outcome === 'ambiguous')
      return {
        outcome: 'failed',
        detail: { reason: ensured.reason, remedy: 'look at the board and add it by hand if it is missing' },
      };
    return { outcome: ensured.outcome, objectId: ensured.objectId };
  });
}

/** Also used to settle what an ended run left open. @returns undefined when an end is not on the board. */
export async function connectorEffect(
  deps: CallingDeps,
  job: JobContext,
  caller: Caller,
  planned: PlannedConnector,
  made: Made,
): Promise<CreateEffect<Connector, ConnectorsResult> | undefined> {
  const { boardId } = boardOf(job);
  const ends = { from: made.items[planned.from] ?? '', to: made.items[planned.to] ?? '' };
  if (ends.from === '' || ends.to === '') return undefined;
  const { jobId } = job.job;
  const { userId } = await caller.token();
  const result = (id: string): ConnectorsResult => ({ connectors: { [planned.id]: id } });
  const adopted = (await getEffect(deps.db, { jobId, key: 'board:board' }))?.outcome === 'found';
  return {
    id: effectId(job, 'connector', planned.id),
    times: deps.timings.single,
    lookFirst: adopted,
    call: () => connectors.create(boardId, connectorBody(planned, ends) as NewConnector),
    async look({ since, sender = userId }): Promise<Look<ConnectorsResult>> {
      const known = (await madeBy(deps.db, jobId)).all;
      const unknown = (await all(caller, connectors.list(boardId))).filter(({ id }) => !known.has(id));
      const caption = planned.body.captions?.[0]?.content;
      const match = matchConnector({ ...ends, caption }, unknown, { userId: sender, since });
      return match.kind === 'made' ? { kind: 'found', objectId: match.id, result: result(match.id) } : match;
    },
    made: ({ id }) => ({ objectId: id, result: result(id) }),
  };
}
