/** Retro boards of the simulator, and what people do on them. */
import type { RetroRequest, StartAnswer } from '../../client/index.js';
import type { RetroToTicketsResult } from '../../contract-retro.js';
import { listTickets } from '../../store/tickets.js';
import type { SimulatorBoard, SimulatorItem, Stack } from '../stack.js';
import { textOf } from '../provision/boards.js';

/** The sixty stickies of the small world. */
export async function sprintBoard(stack: Pick<Stack, 'state'>): Promise<SimulatorBoard> {
  const board = (await stack.state()).boards.find(({ name }) => name.startsWith('Retro Sprint 42'));
  if (!board) throw new Error('the small world has no retro board');
  return board;
}

export async function boardOf({ state }: Pick<Stack, 'state'>, boardId: string): Promise<SimulatorBoard> {
  const board = (await state()).boards.find(({ id }) => id === boardId);
  if (!board) throw new Error(`there is no board ${boardId}`);
  return board;
}

/** A board of its own with these stickies. */
export async function newBoard(stack: Pick<Stack, 'sim'>, texts: string[]): Promise<string> {
  const { id } = (await stack.sim('act', { do: 'create-board', name: 'Retro' })) as { id: string };
  for (const [i, content] of texts.entries()) await addSticky(stack, id, content, i);
  return id;
}

export async function addSticky(
  { sim }: Pick<Stack, 'sim'>,
  boardId: string,
  content: string,
  place = 0,
): Promise<string> {
  const position = { x: (place % 10) * 300, y: Math.floor(place / 10) * 300 };
  return ((await sim('act', { do: 'add-sticky', boardId, content, position })) as { id: string }).id;
}

export async function act({ sim }: Pick<Stack, 'sim'>, deed: string, more: object): Promise<{ id: string }> {
  return (await sim('act', { do: deed, ...more })) as { id: string };
}

export const stickies = ({ items }: SimulatorBoard): SimulatorItem[] =>
  items.filter(({ type }) => type === 'sticky_note');

export const stickyOf = (board: SimulatorBoard, text: string): SimulatorItem => {
  const found = stickies(board).find((item) => textOf(item).includes(text));
  if (!found) throw new Error(`no sticky says ${text}`);
  return found;
};

/** A run to its end. */
export async function run(
  stack: Pick<Stack, 'miro'>,
  request: RetroRequest,
): Promise<{ answer: StartAnswer<RetroToTicketsResult>; result: RetroToTicketsResult }> {
  const answer = await stack.miro.retroToTickets(request);
  return { answer, result: await answer.handle.result() };
}

/** Titles of the built-in tracker's tickets, each once a ticket. */
export async function ticketTitles({ db, tenantId }: Pick<Stack, 'db' | 'tenantId'>): Promise<string[]> {
  return (await listTickets(db, { tenantId, limit: 10_000 })).tickets.map(({ title }) => title).sort();
}
