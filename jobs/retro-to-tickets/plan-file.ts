/** A plan as a file that a person edits and hands back: rows to change or take out, and beside them what they were. */
import { z } from 'zod';
import type { PlanRow, RetroPlan, RowEdit } from '../../contract-retro.js';
import { planHash } from '../fields.js';
import { refuseAny } from '../input-size.js';
import { InvalidInput, problemsOf, strict, type InputProblem } from '../invalid-input.js';
import { isWritten } from './edits.js';
import { rowEdit } from './wish-schema.js';

/** What a person may change of a row. */
export const EDITABLE = ['title', 'body', 'labels', 'ticketType', 'status', 'priority', 'parent', 'assignee'] as const;
type Editable = Partial<Pick<PlanRow, (typeof EDITABLE)[number]>>;

export type PlanFileRow = Pick<PlanRow, 'itemId' | 'decision' | 'reason' | 'kind' | 'ticket' | 'url'> & Editable;
/** Of a row as it was planned: what an edit, and the board of later, are compared with. */
export type OriginalRow = Pick<PlanRow, 'decision' | 'fields'> & Editable;

export interface RetroPlanFile {
  version: 1;
  plan: RetroPlan;
  /** What was asked; checked again as for every caller. */
  request: Record<string, unknown>;
  /** To be edited: take a row out, or change its texts and fields. */
  rows: PlanFileRow[];
  /** By item id; not to be edited. */
  original: Record<string, OriginalRow>;
}

/** @param rows all of the plan. */
export function planFileOf(plan: RetroPlan, request: object, rows: readonly PlanRow[]): RetroPlanFile {
  const original = rows.map((row): [string, OriginalRow] => {
    const { decision, fields } = row;
    return [row.itemId, { decision, ...editable(row), ...(fields && { fields }) }];
  });
  return { version: 1, plan, request: { ...request }, rows: rows.map(fileRow), original: Object.fromEntries(original) };
}

function fileRow(row: PlanRow): PlanFileRow {
  const { itemId, decision, reason, kind, ticket, url } = row;
  return { itemId, decision, reason, ...(kind && { kind }), ...editable(row), ...(ticket && { ticket }), url };
}

const editable = (row: Editable): Editable =>
  Object.fromEntries(EDITABLE.flatMap((name) => (row[name] === undefined ? [] : [[name, row[name]]])));

const decision = z.enum(['create', 'existing', 'changed', 'dropped', 'deleted']);
const name = z.string().nullish();
const values = {
  decision,
  title: z.string(),
  body: z.string(),
  labels: z.array(z.string()),
  ticketType: name,
  status: name,
  priority: name,
  parent: name,
  assignee: name,
};
const fileSchema = strict({
  version: z.literal(1),
  plan: z.looseObject({ planId: z.string(), hash: planHash }),
  request: z.record(z.string(), z.unknown()),
  rows: z.array(
    strict({
      itemId: z.string(),
      ...values,
      reason: z.string().optional(),
      kind: z.string().optional(),
      ticket: z.looseObject({}).optional(),
      url: z.string().optional(),
    }),
  ),
  original: z.record(z.string(), z.looseObject(values)),
});

/** @throws InvalidInput naming every problem it found, with the row that has it. */
export function parsePlanFile(raw: unknown): RetroPlanFile {
  const parsed = fileSchema.safeParse(raw);
  if (!parsed.success) throw new InvalidInput(problemsOf(parsed.error, raw, 'the plan file'));
  const file = parsed.data as unknown as RetroPlanFile;
  const places = new Map<string, number>();
  refuseAny(file.rows.flatMap((row, i) => rowProblems(row, `rows[${i}]`, file, places, i)));
  return file;
}

function rowProblems(
  row: PlanFileRow,
  field: string,
  file: RetroPlanFile,
  places: Map<string, number>,
  i: number,
): InputProblem[] {
  const was = Object.hasOwn(file.original, row.itemId) ? file.original[row.itemId] : undefined;
  const id = { field: `${field}.itemId` };
  if (!was)
    return [
      {
        ...id,
        problem: `is no item of this plan (${JSON.stringify(row.itemId.slice(0, 40))})`,
        remedy: 'rows can be changed and taken out, not added',
      },
    ];
  const earlier = places.get(row.itemId);
  if (earlier !== undefined)
    return [{ ...id, problem: `repeats rows[${earlier}] (${row.itemId})`, remedy: 'keep one of them' }];
  places.set(row.itemId, i);
  const edit = editOf(row, was);
  if (edit && !isWritten(was)) {
    return [
      { field, problem: `changes item ${row.itemId}, of which no ticket is made`, remedy: 'leave the row as it was' },
    ];
  }
  if (row.decision !== was.decision && !(isWritten(was) && row.decision === 'dropped')) {
    const remedy = isWritten(was)
      ? 'it can only become "dropped"'
      : 'it cannot be changed; plan with other rules instead';
    return [{ field: `${field}.decision`, problem: `was "${was.decision}"`, remedy }];
  }
  return edit ? editProblems(edit, field) : [];
}

const editSchema = strict(rowEdit).partial();

function editProblems(edit: RowEdit, field: string): InputProblem[] {
  const checked = editSchema.safeParse(edit);
  if (checked.success) return [];
  const inRow = (at: string): string => `${field}.${at === 'type' ? 'ticketType' : at}`;
  return problemsOf(checked.error, edit, field).map((problem) => ({ ...problem, field: inRow(problem.field) }));
}

/** What a person changed in that row. @returns undefined: nothing. */
export function editOf(row: Editable, was: Editable): RowEdit | undefined {
  const changed = EDITABLE.filter((field) => !isSame(row[field], was[field]));
  if (changed.length === 0) return undefined;
  return Object.fromEntries(changed.map((field) => [field === 'ticketType' ? 'type' : field, row[field] ?? null]));
}

/** Names, texts and lists of them; what is absent is as good as null. */
export const isSame = (a: unknown, b: unknown): boolean => JSON.stringify(a ?? null) === JSON.stringify(b ?? null);
