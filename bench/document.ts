/** What a benchmark prints: the table for people, one JSON document for programs. */
import type { Machine } from './machine.js';

export interface Result {
  /** What was measured, and against what. */
  metric: string;
  value: number;
  unit: string;
  /** The same quantity of the other way of doing it, in the same unit; null where there is none. */
  against: number | null;
  /** value / against. */
  ratio: number | null;
  /** e.g. `ratio ≤ 1.3`; null where the number only informs. */
  goal: string | null;
  ok: boolean | null;
}

export interface BenchDocument {
  name: string;
  machine: Machine;
  results: Result[];
}

/** What `value` or `ratio` shall be. */
export type Goal = ['value' | 'ratio', '≤' | '≥', number];

export interface Measured {
  metric: string;
  value: number;
  unit: string;
  against?: number;
  goal?: Goal;
}

/** Fills in what follows from the numbers. The goal is judged before rounding. */
export function toResult({ metric, value, unit, against, goal }: Measured): Result {
  // Nothing is a multiple of nothing.
  const ratio = against === undefined || against === 0 ? undefined : value / against;
  return {
    metric,
    value: rounded(value),
    unit,
    against: against === undefined ? null : rounded(against),
    ratio: ratio === undefined ? null : rounded(ratio),
    goal: goal?.join(' ') ?? null,
    ok: goal === undefined ? null : isReached(goal, { value, ratio }),
  };
}

function isReached([of, sign, bound]: Goal, measured: { value: number; ratio: number | undefined }): boolean {
  const actual = measured[of] ?? NaN;
  return sign === '≤' ? actual <= bound : actual >= bound;
}

/** Three significant digits below 100, whole numbers above: more would be noise. */
function rounded(value: number): number {
  return Math.abs(value) >= 100 ? Math.round(value) : Number(value.toPrecision(3));
}

export function toTable({ name, machine, results }: BenchDocument): string {
  const { versions, ...hardware } = machine;
  const about = [
    ['benchmark', name],
    ...Object.entries(hardware).map(([what, is]) => [what, String(is)]),
    ...Object.entries(versions),
  ];
  const head = ['metric', 'value', 'unit', 'against', 'ratio', 'goal', 'ok'];
  const rows = results.map((r) => [
    r.metric,
    String(r.value),
    r.unit,
    ...[r.against, r.ratio, r.goal].map((cell) => (cell === null ? '' : String(cell))),
    r.ok === null ? '' : r.ok ? 'yes' : 'NO',
  ]);
  return `${aligned(about)}\n\n${aligned([head, ...rows])}\n`;
}

function aligned(rows: string[][]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
