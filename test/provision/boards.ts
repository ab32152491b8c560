/** Boards of the simulator as a person would see them: without ids and times, so that two runs can be compared. */
import type { JobHandle, ProvisionAnswer, ProvisionRequest } from '../../client/index.js';
import type { ProvisionBoardResult } from '../../contract.js';
import type { SimulatorBoard, SimulatorItem, Stack } from '../stack.js';

/** More than the ten seconds of a caller: the machine that runs the tests may be busy. */
const PATIENCE = { waitMs: 50_000 };

/** The answer with the URL. */
export async function ask({ miro }: Pick<Stack, 'miro'>, request: ProvisionRequest): Promise<ProvisionAnswer> {
  return await miro.provisionBoard(request, PATIENCE);
}

/** The answer, and the result once everything is done. */
export async function finished(
  stack: Pick<Stack, 'miro'>,
  request: ProvisionRequest,
): Promise<{ answer: ProvisionAnswer; handle: JobHandle; result: ProvisionBoardResult }> {
  const answer = await ask(stack, request);
  return { answer, handle: answer.handle, result: await answer.handle.result() };
}

/** The boards of that name, oldest first. */
export async function boardsNamed(stack: Pick<Stack, 'state'>, name: string): Promise<SimulatorBoard[]> {
  return (await stack.state()).boards.filter((board) => board.name === name);
}

/** @throws Error unless there is exactly one of that name. */
export async function theBoard(stack: Pick<Stack, 'state'>, name = 'Retro Apollo & Söhne'): Promise<SimulatorBoard> {
  const [board, ...more] = await boardsNamed(stack, name);
  if (!board || more.length > 0) throw new Error(`there are ${more.length + (board ? 1 : 0)} boards named ${name}`);
  return board;
}

export const textOf = ({ data }: SimulatorItem): string =>
  [data['title'], data['content']].filter((text) => typeof text === 'string').join(' ');

/** What is on it, in the order in which it was made. Markers differ between installations. */
export function pictureOf(marked: SimulatorBoard): object {
  const board = JSON.parse(JSON.stringify(marked).replaceAll(/\[tm:[0-9a-f]{20}\./g, '[tm:')) as SimulatorBoard;
  const names = new Map(board.items.map((item) => [item.id, `${item.type} ${textOf(item)}`]));
  const titles = new Map(board.tags.map(({ id, title }) => [id, title]));
  const nameOf = (end: { id: string } | null | undefined): string | undefined => names.get(end?.id ?? '');
  return {
    name: board.name,
    description: board.description,
    members: board.members.map(({ email, role }) => `${email} ${role}`).sort(),
    items: board.items.map((item) => ({
      ...{ type: item.type, data: item.data, style: item.style, position: item.position, geometry: item.geometry },
      parent: nameOf(item.parent),
      tags: item.tagIds.map((id) => titles.get(id)).sort(),
    })),
    connectors: board.connectors.map(({ startItem, endItem, captions }) => ({
      from: nameOf(startItem),
      to: nameOf(endItem),
      captions: captions?.map(({ content }) => content),
    })),
    tags: [...titles.values()].sort(),
  };
}
