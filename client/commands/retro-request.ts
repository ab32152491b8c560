/** `retro`'s options as a request: `--input` says everything, single options say it better. What they must be is the job's to check. */
import { readFile } from 'node:fs/promises';
import { parse } from 'csv-parse/sync';
import type { RetroSource } from '../../contract-retro.js';
import type { RetroRequest } from '../index.js';
import { readDocument, recordOf } from './documents.js';
import { badInput } from './exit-codes.js';
import { durationMs } from './provision-request.js';

export interface RetroRequestOptions {
  input?: string;
  tenant?: string;
  connection?: string;
  tracker?: string;
  frame: string[];
  tag: string[];
  color: string[];
  rules?: string;
  mapping?: string;
  votes?: string;
  linkBack?: string;
  onChange?: string;
  sameAs?: string;
  approval?: boolean;
  deadline?: string;
  planHash?: string;
}

/** @throws CommandError for what can't be read as a request; fields are checked by the library, as for every caller. */
export async function toRetroRequest(board: string | undefined, options: RetroRequestOptions): Promise<RetroRequest> {
  const base = options.input === undefined ? {} : recordOf('--input', await readDocument('--input', options.input));
  const { rules, mapping, votes, deadline } = options;
  const given = {
    tenant: options.tenant,
    connectionId: options.connection,
    board,
    tracker: options.tracker,
    source: sourceOf(options, base['source'] as RetroSource | undefined),
    rules: rules === undefined ? undefined : await readDocument('--rules', rules),
    mapping: mapping === undefined ? undefined : await readDocument('--mapping', mapping),
    votes: votes === undefined ? undefined : await readVotes(votes),
    linkBack: options.linkBack,
    onChange: options.onChange,
    sameAs: options.sameAs,
    approval: options.approval,
    planHash: options.planHash,
    deadlineMs: deadline === undefined ? undefined : durationMs('--deadline', deadline),
  };
  const request = { ...base, ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) };
  if (!('board' in request)) throw badInput('which board? give its address or id: temporal-miro retro <board>');
  return request as unknown as RetroRequest;
}

function sourceOf({ frame, tag, color }: RetroRequestOptions, base: RetroSource = {}): RetroSource | undefined {
  const source = {
    ...base,
    ...(frame.length > 0 && { frames: frame }),
    ...(tag.length > 0 && { tags: tag }),
    ...(color.length > 0 && { colors: color }),
  };
  return Object.keys(source).length > 0 ? source : undefined;
}

/**
 * A CSV file with a column `votes` and a column `item` (id or address of the item) or `text`.
 * @throws CommandError that names the line.
 */
export async function readVotes(path: string): Promise<Record<string, number>> {
  const rows = await csvRows(path);
  const votes: Record<string, number> = {};
  for (const [i, row] of rows.entries()) {
    const line = `--votes ${path}, line ${i + 2}`;
    const subject = itemIn(row['item'] ?? row['id'] ?? '') || (row['text'] ?? '').trim();
    const count = Number(row['votes']);
    if (subject === '') throw badInput(`${line} names no item and no text; give one of the two columns`);
    if (!Number.isInteger(count) || count < 0 || (row['votes'] ?? '') === '')
      throw badInput(`${line}: votes is "${row['votes'] ?? ''}"; write a whole number, 0 or more`);
    votes[subject] = (votes[subject] ?? 0) + count;
  }
  return votes;
}

async function csvRows(path: string): Promise<Record<string, string | undefined>[]> {
  let rows: Record<string, string | undefined>[];
  try {
    rows = parse(await readFile(path, 'utf8'), {
      bom: true,
      columns: (head: string[]) => head.map((name) => name.trim().toLowerCase()),
      skip_empty_lines: true,
      trim: true,
      delimiter: [',', ';', '\t'],
    });
  } catch (error) {
    throw badInput(`--votes ${path} can't be read: ${(error as Error).message}; give a CSV file with a heading`);
  }
  if (rows[0] && !('votes' in rows[0] && ('item' in rows[0] || 'id' in rows[0] || 'text' in rows[0])))
    throw badInput(`--votes ${path} needs a heading line with votes, and item or text, e.g. text,votes`);
  return rows;
}

/** The id in `…?moveToWidget=<id>`, or what is there. */
const itemIn = (text: string): string => /[?&]moveToWidget=(\d+)/.exec(text)?.[1] ?? text.trim();
