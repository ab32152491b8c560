/** The doors of retroToTickets and its undo: strict, every problem named at once, nothing written before they are passed. */
import { z } from 'zod';
import type { RetroToTicketsInput, UndoRetroInput } from '../../contract-retro.js';
import {
  boardAddress,
  boardIdIn,
  connectionName,
  deadlineMs,
  idKeyCheck,
  planHash,
  tenantName,
  trackerName,
} from '../fields.js';
import { refuseAny, sizeProblems } from '../input-size.js';
import { InvalidInput, problemsOf, says, shown, strict, type InputProblem } from '../invalid-input.js';
import { edits, wishFields } from './wish-schema.js';

export { InvalidInput } from '../invalid-input.js';
export { parseMapping } from './mapping.js';

const job = { tenant: tenantName, boardId: boardAddress, tracker: trackerName };

const requestFields = {
  ...job,
  connectionId: connectionName,
  ...wishFields,
  approval: z.boolean().optional(),
  deadlineMs: deadlineMs.optional(),
};

const retroInput = strict({
  ...requestFields,
  planHash: planHash.optional(),
  edits: edits.optional(),
  idKeyCheck: idKeyCheck.optional(),
});

const undoInput = strict({
  ...job,
  runId: z.uuid(says('is no run id', 'copy it from `runs show`, or leave it out')).optional(),
  deadlineMs: deadlineMs.optional(),
  idKeyCheck: idKeyCheck.optional(),
});

/**
 * The input of `retroToTickets` and of `planRetroToTickets` from a caller: checked, with board addresses turned into ids.
 * @throws InvalidInput naming every problem it found.
 */
export function parseRetroInput(raw: unknown): RetroToTicketsInput {
  const input = parsed(retroInput, raw, 'plan first, and edit fewer rows');
  refuseAny([...foreignFrames(input), ...sameBoard(input), ...editProblems(input)]);
  return input;
}

/** @throws InvalidInput naming every problem it found. */
export const parseUndoInput = (raw: unknown): UndoRetroInput => parsed(undoInput, raw, 'name board and tracker only');

/** The id in a board's address; an id as it is. @throws InvalidInput */
export const boardIdOf = (text: string): string => parsed(boardAddress, text, 'give an id', 'the board');

/** The id of the item that a board's address shows, e.g. `…?moveToWidget=3458764512345678901&cot=14`. */
export function frameIdIn(url: string): string | undefined {
  return /^https?:\/\/[^\s?#]+\?(?:[^\s#]*&)?moveToWidget=(\d{1,20})(?:[&#]|$)/.exec(url.trim())?.[1];
}

function parsed<T>(schema: z.ZodType<T>, raw: unknown, insteadOfLarge: string, root = 'input'): T {
  refuseAny(sizeProblems(raw, insteadOfLarge));
  const result = schema.safeParse(raw);
  if (!result.success) throw new InvalidInput(problemsOf(result.error, raw, root));
  return result.data;
}

function foreignFrames({ boardId, source }: RetroToTicketsInput): InputProblem[] {
  return (source?.frames ?? []).flatMap((frame, i) => {
    if (!/^https?:\/\//.test(frame)) return [];
    const field = `source.frames[${i}]`;
    const remedy = 'copy the link of a frame of this board, or give its title';
    if (frameIdIn(frame) === undefined) return [{ field, problem: 'is a link without moveToWidget', remedy }];
    if (boardIdIn(frame) === boardId) return [];
    return [{ field, problem: `is a link to another board than ${shown(boardId)}`, remedy }];
  });
}

function sameBoard({ boardId, sameAs }: RetroToTicketsInput): InputProblem[] {
  if (sameAs !== boardId) return [];
  return [{ field: 'sameAs', problem: 'is the board itself', remedy: 'name the board it was duplicated from' }];
}

function editProblems({ planHash: hash, edits: wanted }: RetroToTicketsInput): InputProblem[] {
  if (wanted === undefined) return [];
  const remedy = 'give the hash of the plan that was edited';
  const both = (wanted.drop ?? []).filter((id) => wanted.set?.[id]);
  return [
    ...(hash === undefined ? [{ field: 'edits', problem: 'needs planHash', remedy }] : []),
    ...both.map((id) => ({ field: `edits.set.${id}`, problem: 'is dropped as well', remedy: 'do one of the two' })),
  ];
}
