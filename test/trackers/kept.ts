/** What a stand-in knows, kept in a file if it is given one: each change is written before it is answered, so a SIGKILL loses nothing. */
import { appendFileSync, existsSync, readFileSync } from 'node:fs';

export interface KeptTable<T> {
  get(id: string): T | undefined;
  /** In the order in which they were first set. */
  values(): T[];
  /** Sets the value anew, also where it is the same object as before. */
  set(id: string, value: T): void;
  delete(id: string): void;
}

export interface Kept {
  table<T>(name: string): KeptTable<T>;
}

interface Line {
  table: string;
  id: string;
  /** Absent: deleted. */
  value?: unknown;
}

/** @param file absent: in memory only. One that is there is read first. */
export function createKept(file?: string): Kept {
  const tables = new Map<string, Map<string, unknown>>();
  const rows = (table: string): Map<string, unknown> => {
    const known = tables.get(table) ?? new Map<string, unknown>();
    tables.set(table, known);
    return known;
  };
  const apply = ({ table, id, value }: Line): void => {
    if (value === undefined) rows(table).delete(id);
    else rows(table).set(id, value);
  };
  if (file !== undefined && existsSync(file)) for (const line of linesOf(file)) apply(line);
  const change = (line: Line): void => {
    if (file !== undefined) appendFileSync(file, `${JSON.stringify(line)}\n`);
    apply(line);
  };
  return {
    table: <T>(table: string): KeptTable<T> => ({
      get: (id) => rows(table).get(id) as T | undefined,
      values: () => [...rows(table).values()] as T[],
      set: (id, value) => change({ table, id, value }),
      delete: (id) => change({ table, id }),
    }),
  };
}

/** The last line may be half a line: its request was never answered. */
function linesOf(file: string): Line[] {
  const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1);
  return lines.map((line) => JSON.parse(line) as Line);
}
