/** How often each sticky has a ticket and shows it, counted from what tracker and board themselves keep. */
import type { Stack } from '../stack.js';
import type { SimulatorState } from '../../test/stack.js';
import type { BenchTracker } from './trackers.js';

export interface Tally {
  /** Tickets and rows beyond the first of a sticky. */
  twice: number;
  /** Tickets, rows and tags that are not there. */
  missing: number;
}

/** @param stickies the texts of the board's stickies, up to a colon: no other board of the run has them */
export async function tally(
  { simulator }: Pick<Stack, 'simulator'>,
  tracker: BenchTracker,
  { boardId, stickies }: { boardId: string; stickies: string[] },
): Promise<Tally> {
  const titles = await tracker.titles();
  const { boards } = (await (await fetch(`${simulator.url}/_sim/state`)).json()) as SimulatorState;
  const board = boards.find(({ id }) => id === boardId);
  if (!board) throw new Error(`there is no board ${boardId}`);
  const ticketed = board.tags.find(({ title }) => title === 'ticketed')?.id ?? '';
  const contentOf = (type: string): string[] =>
    board.items.filter((item) => item.type === type).map(({ data }) => data['content'] as string);
  const tickets = countsOf(titles);
  const rows = countsOf(
    contentOf('text')
      .flatMap((html) => html.match(/<\/a> [^:<]+:/g) ?? [])
      .map((row) => row.slice(5)),
  );
  const untagged = board.items.filter(
    ({ type, tagIds }) => type === 'sticky_note' && !tagIds.includes(ticketed),
  ).length;
  const counts = stickies.flatMap((sticky) => [tickets.get(sticky) ?? 0, rows.get(sticky) ?? 0]);
  return {
    twice: counts.reduce((sum, count) => sum + Math.max(0, count - 1), 0),
    missing: counts.filter((count) => count === 0).length + untagged,
  };
}

/** By what stands before the colon. */
function countsOf(texts: string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const text of texts) {
    const name = text.split(':', 1)[0] ?? '';
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return counts;
}
