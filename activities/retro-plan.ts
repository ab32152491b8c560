import type { PlanPage, PlanRow, RetroPlan, RetroToTicketsInput, TicketMapping } from '../contract-retro.js';
import { sha256 } from '../ids.js';
import { applyEdits } from '../jobs/retro-to-tickets/edits.js';
import { showingCredits } from '../jobs/retro-to-tickets/link-back.js';
import type { BoardModel, RetroRecord } from '../jobs/retro-to-tickets/model.js';
import {
  countRows,
  isWriting,
  planRows,
  planText,
  rowsToShow,
  wantedBy,
  type Standing,
} from '../jobs/retro-to-tickets/plan.js';
import { recordsOf } from '../jobs/retro-to-tickets/records.js';
import { RetroRefused } from '../jobs/retro-to-tickets/refusal.js';
import type { TrackerFacts } from '../jobs/retro-to-tickets/tracker-facts.js';
import { rowsOf, savePlan } from '../store/plans.js';
import { findTenant } from '../store/tenants.js';
import type { TrackerSettings } from '../tickets/settings.js';
import type { Tracker } from '../tickets/tracker.js';
import { boardModel } from './board-model.js';
import { PLAN_CREDITS } from './credits.js';
import { refuse, retryLater } from './failure.js';
import type { CallingDeps } from './job-context.js';
import { unshownItems } from './link-back-plan.js';
import { ownMarks } from './own-marks.js';
import { accountsOf, withAddresses } from './people.js';
import { loadPlan, type PlanContext } from './retro-context.js';
import { boardAsRead } from './retro-read.js';
import { linksFor } from './same-as.js';
import { askingTracker } from './tracker-calls.js';
import { openTracker, type OpenTracker } from './trackers.js';

export interface PlannedRetro {
  plan: RetroPlan;
  /** Of what is written, the caller's edits included: what an approval binds. */
  hash: string;
  /** Whether anything is written at all, in the tracker or on the board. */
  writes: boolean;
}

/** A page of rows as JSON, in bytes: well below what Temporal takes in one payload. */
const PAGE_BYTES = 150_000;
const PAGE_ROWS = 200;

const CHANGED =
  'planHash: the board, its tickets or what is asked has changed since that plan; look at the plan again and give its hash';

export const createRetroPlanActivities = (deps: CallingDeps) => ({
  /**
   * Plans the tickets from the board as it was read. Reads only, from Miro and the tracker; writes the plan to the store.
   * @throws ApplicationFailure Board.refused | Input.refused | Tracker.refused | Plan.changed, all final
   */
  async planTickets({ planId }: { planId: string }): Promise<PlannedRetro> {
    const context = await loadPlan(deps, planId);
    const {
      input,
      plan: { summary: known, tenantId, reading },
    } = context;
    const opened = await openTracker(deps, { tenantId, name: input.tracker });
    const standing: Standing = { settings: settingsOf(opened), unshown: await unshownItems(deps, context) };
    const hashOf = (of: readonly PlanRow[]): string => sha256(planText(of, input, standing));
    const answer = (plan: RetroPlan, of: readonly PlanRow[]): PlannedRetro => ({
      ...{ plan, hash: hashOf(of), writes: isWriting(of, input, standing) },
    });
    if (known) return answer(known, await allRows(deps, known));
    const board = boardModel(await boardAsRead(deps, context));
    const mapping = input.mapping ?? opened.mapping ?? { version: 1 };
    const planned = await plannedRows(deps, context, { board, mapping, tracker: opened.tracker });
    const hash = hashOf(planned.rows);
    if (input.planHash !== undefined && input.planHash !== hash) throw refuse('Plan.changed', CHANGED);
    const facts = factsOf(input, opened.tracker);
    const rows = input.edits
      ? orRefuse('Input.refused', () => applyEdits(planned.rows, input.edits ?? {}, facts))
      : planned.rows;
    await requireTracker(deps, opened.tracker, input, rows);
    const plan = summaryOf(context, board, rows, { hash, standing });
    const saved = await savePlan(
      deps.db,
      { summary: plan, tenantId, reading },
      rows.map((row) => ({ row, words: wordsOfRow(row, planned.words) })),
    );
    if (!saved) throw retryLater('Plan.superseded', 'another attempt has planned', 1);
    return answer(plan, rows);
  },

  /** Rows of a plan from a position on, as many as fit into one answer. Store only. @throws ApplicationFailure Plan.unknown */
  async readPlanPage({ tenant, planId, from }: { tenant: string; planId: string; from: number }): Promise<PlanPage> {
    const [owner, { plan }] = await Promise.all([findTenant(deps.db, tenant), loadPlan(deps, planId)]);
    if (owner?.tenantId !== plan.tenantId) throw refuse('Plan.unknown', `tenant "${tenant}" has no plan ${planId}`);
    const rows = (await rowsOf(deps.db, { planId, from, to: from + PAGE_ROWS })).map(({ row }) => row);
    const fitting = rows.slice(0, countFitting(rows));
    const next = from + fitting.length;
    return { rows: fitting, ...(next < (plan.summary?.rows ?? 0) ? { next } : {}) };
  },
});

interface Sources {
  board: BoardModel;
  mapping: TicketMapping;
  tracker: Tracker;
}

async function plannedRows(
  deps: CallingDeps,
  context: PlanContext,
  { board, mapping, tracker }: Sources,
): Promise<{ rows: PlanRow[]; words: Map<string, string> }> {
  const { plan, input } = context;
  const own = await ownMarks(deps, { ...input, tenantId: plan.tenantId });
  const { records: found, dropped } = orRefuse('Board.refused', () => recordsOf(board, input, own));
  const records = mapping.assignee === 'author' ? await withAddresses(deps, context, found) : found;
  const [accounts, links] = await Promise.all([
    accountsOf(deps, tracker, records, mapping),
    linksFor(deps, context, records),
  ]);
  const facts = { records, dropped, links, mapping, accounts, tracker: factsOf(input, tracker), fingerprintOf: sha256 };
  return { rows: orRefuse('Tracker.refused', () => planRows(facts)), words: wordsOf(records) };
}

/** By item; of several with the same words, which one is the record is the plan's to say. */
const wordsOf = (records: RetroRecord[]): Map<string, string> =>
  new Map(
    records.flatMap(({ itemId, duplicates, words }) => [itemId, ...duplicates].map((id) => [id, words] as const)),
  );

/** One that has taken the ticket of a gone item over is named like that, and is itself among those that say the same. */
const wordsOfRow = ({ itemId, record }: PlanRow, words: ReadonlyMap<string, string>): string =>
  words.get(itemId) ?? words.get(record?.duplicates[0] ?? '') ?? '';

const factsOf = ({ tracker: name }: RetroToTicketsInput, { kind, capabilities }: Tracker): TrackerFacts => ({
  ...{ name, kind, capabilities },
});

const settingsOf = ({ settings: { kind, config } }: OpenTracker): Pick<TrackerSettings, 'kind' | 'config'> => ({
  kind,
  config,
});

function orRefuse<T>(type: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof RetroRefused) throw refuse(type, error.message);
    throw error;
  }
}

async function requireTracker(
  deps: CallingDeps,
  tracker: Tracker,
  { tracker: name }: RetroToTicketsInput,
  rows: readonly PlanRow[],
): Promise<void> {
  const problems = await tracker.check(wantedBy(rows), askingTracker(deps));
  if (problems.length === 0) return;
  const words = problems.map(({ what, remedy }) => `${what.replace(/\.$/, '')}; ${remedy}`).join('\n');
  throw refuse('Tracker.refused', `tracker "${name}": ${words}`);
}

function summaryOf(
  { plan, input }: PlanContext,
  board: BoardModel,
  rows: PlanRow[],
  { hash, standing }: { hash: string; standing: Standing },
): RetroPlan {
  const { boardId, name, url } = board;
  const counts = countRows(rows);
  const shown = [...rows.filter(({ decision }) => decision === 'create'), ...rowsToShow(rows, standing.unshown)];
  return {
    ...{ planId: plan.planId, hash, board: { boardId, name, url }, tracker: input.tracker },
    ...{ counts, rows: rows.length, credits: showingCredits(input.linkBack ?? 'list', shown, PLAN_CREDITS) },
  };
}

function countFitting(rows: readonly PlanRow[]): number {
  let bytes = 0;
  const over = rows.findIndex((row, i) => {
    bytes += Buffer.byteLength(JSON.stringify(row));
    return i > 0 && bytes > PAGE_BYTES;
  });
  return over === -1 ? rows.length : over;
}

async function allRows(deps: CallingDeps, { planId, rows }: RetroPlan): Promise<PlanRow[]> {
  return (await rowsOf(deps.db, { planId, from: 0, to: rows })).map(({ row }) => row);
}
