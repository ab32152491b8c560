/** Every action on a retro board is a ticket in the tracker, once, with a link on the board. Run again, only what is new becomes one. */
import type { PlannedRetro, RecogniseFrom, StepReport } from '../activities/index.js';
import type { RetroToTicketsInput, RetroToTicketsResult } from '../contract-retro.js';
import { approved, listenForDecisions } from './approval.js';
import { linkBack } from './link-back.js';
import { planOf } from './plan-retro.js';
import { RetroProgress, type EndOfRun } from './retro-progress.js';
import { runRetro } from './retro-run.js';
import { batch, openRetro, plain } from './steps.js';
import { hideTakenBack } from './undo-retro.js';

export async function retroToTickets(input: RetroToTicketsInput): Promise<RetroToTicketsResult> {
  const progress = new RetroProgress();
  listenForDecisions();
  return await runRetro({ input, progress, resultOf: (end) => resultOf(input, progress, end) }, async () => {
    const { jobId, planId, halfUndone } = await openRetro({ input });
    progress.jobId = jobId;
    for (const undone of halfUndone) await hideTakenBack({ jobId, undone }, progress);
    const { plan } = await approvedPlan({ jobId, planId }, progress);
    progress.phase = 'tickets';
    if (input.sameAs !== undefined) await plain.adoptSameAs({ jobId, planId });
    await makeTickets({ jobId, planId, ...plan.counts }, progress);
    await followChanges({ jobId, planId, ...plan.counts }, input.onChange ?? 'ignore', progress);
    await throughPlan(progress, (from) => batch.relateTickets({ jobId, planId, from }));
    progress.phase = 'linking';
    await linkBack(jobId, input.linkBack, (report) => progress.add(report));
  });
}

interface Part {
  jobId: string;
  planId: string;
}

/**
 * Plans, and waits where the caller or the connection's policy wants people to look first; nothing is written before. Once people have taken their
 * time, the board is read again: another plan waits for approvals of its own.
 */
async function approvedPlan({ jobId, planId }: Part, progress: RetroProgress): Promise<PlannedRetro> {
  let planned = await planOf(planId, progress);
  for (let reading = 2; ; reading += 1) {
    const { hash, writes } = planned;
    const needed = writes ? await plain.approvalsNeeded({ jobId }) : 0;
    if (needed === 0) return planned;
    const part = { part: 'tickets', hash, needed };
    progress.phase = 'approval';
    progress.asksPeople = true;
    if (await approved(part)) {
      await plain.readAgain({ planId, reading });
      planned = await planOf(planId, progress);
      if (planned.hash !== hash) continue;
    }
    await plain.consumeApprovals({ jobId, ...part });
    return planned;
  }
}

async function makeTickets(
  { jobId, planId, create }: Part & { create: number },
  progress: RetroProgress,
): Promise<void> {
  if (create === 0) return;
  for (let from: RecogniseFrom | undefined = { round: 0 }; from !== undefined;)
    from = (await batch.recogniseTickets({ jobId, planId, from })).next;
  await throughPlan(progress, (from) => batch.ensureTickets({ jobId, planId, from }));
}

/** Tickets of items that are as they were, that are gone, and that read otherwise now. */
async function followChanges(
  { jobId, planId, changed }: Part & { changed: number },
  onChange: 'ignore' | 'comment' | 'update',
  progress: RetroProgress,
): Promise<void> {
  const ignored = onChange === 'ignore';
  await throughPlan(progress, (from) => plain.noteStanding({ jobId, planId, from, changed: ignored }));
  if (ignored || changed === 0) return;
  await throughPlan(progress, (from) => batch.followTickets({ jobId, planId, from }));
}

/** Batch by batch to the end of the plan. A cancelled run stops between two. */
async function throughPlan(
  progress: RetroProgress,
  step: (from: number) => Promise<Partial<StepReport> & { next?: number }>,
): Promise<void> {
  let from: number | undefined = 0;
  while (from !== undefined) {
    const { counts, next }: Partial<StepReport> & { next?: number } = await step(from);
    if (counts) progress.add({ counts });
    from = next;
  }
}

function resultOf(
  { boardId, tracker }: RetroToTicketsInput,
  { plan }: RetroProgress,
  end: EndOfRun,
): RetroToTicketsResult {
  return { ...end, boardId, tracker, ...(plan ? { plan } : {}) };
}
