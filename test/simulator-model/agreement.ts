import fc from 'fast-check';
import { expect } from 'vitest';
import type { Send } from '../simulator/miro.js';
import { BOARD_COMMANDS } from './board-commands.js';
import { pick, type Command } from './command.js';
import { GROUP_COMMANDS, ITEM_COMMANDS, TAG_COMMANDS } from './item-commands.js';
import { newBoard, type Model } from './model.js';

/** A world so small that its whole state can be compared after each step. */
export const SMALL_WORLD = 'members=1,teams=1,boards=0';

/** How often a command comes beside the others: what makes things comes oftener than what takes them away. */
const WEIGHTS: Record<string, number> = {
  addItem: 10,
  moveItem: 3,
  enterFrame: 4,
  leaveFrame: 2,
  createTag: 3,
  renameTag: 2,
  attachTag: 5,
  detachTag: 2,
  group: 5,
  regroup: 3,
  share: 2,
  changeRole: 2,
};
const MOST_BOARDS = 3;

const COMMANDS: Record<string, Command> = { ...BOARD_COMMANDS, ...ITEM_COMMANDS, ...TAG_COMMANDS, ...GROUP_COMMANDS };

/** One command against both; after it, both must hold the same boards. */
class Step implements fc.AsyncCommand<Model, Send> {
  readonly name: string;
  readonly chance: number[];

  constructor(name: string, chance: number[]) {
    this.name = name;
    this.chance = chance;
  }

  /** There is always a board, and never so many that little is on each. */
  check(model: Readonly<Model>): boolean {
    if (this.name === 'deleteBoard') return model.size > 1;
    return model.size < MOST_BOARDS || !['createBoard', 'copyBoard'].includes(this.name);
  }

  async run(model: Model, send: Send): Promise<void> {
    const [first, ...chance] = this.chance;
    const board = pick(model.values(), first)!;
    const before = await stateOf(send);
    const partsOf = async (id: string): Promise<string[]> => partsIn(await stateOf(send), id);
    const idOf = (email: string): string => before.users.find((user) => user.email === email)!.id;
    const planned = COMMANDS[this.name]!({ model, board, chance, idOf, partsOf });
    if (!planned) return;
    const { status, body, text } = await send(planned.method, planned.path, planned.body);
    expect(status, text).toBe(planned.status);
    await planned.done(body);
    expect(boardsIn(await stateOf(send))).toEqual(boardsOf(model));
  }

  toString(): string {
    return `${this.name}(${this.chance.join(', ')})`;
  }
}

/** Sequences of all commands, each with the numbers by which it chooses. */
export const sequences = fc.array(
  fc
    .record({
      name: fc.constantFrom(...Object.keys(COMMANDS).flatMap((name) => Array<string>(WEIGHTS[name] ?? 1).fill(name))),
      chance: fc.array(fc.nat(999), { minLength: 5, maxLength: 5 }),
    })
    .map(({ name, chance }) => new Step(name, chance)),
  { minLength: 30, maxLength: 60 },
);

/** Plays a sequence against the simulator, which is reset first, and the model. */
export async function agree(send: Send, steps: Iterable<fc.AsyncCommand<Model, Send>>): Promise<void> {
  await send('POST', '/_sim/reset');
  const { id } = (await send('POST', '/v2/boards', { name: 'The first' })).body;
  const model: Model = new Map([[id!, newBoard(id!, 'The first')]]);
  await fc.asyncModelRun(() => ({ model, real: send }), steps);
}

interface State {
  users: { id: string; email: string }[];
  boards: {
    id: string;
    name: string;
    members: { email: string; role: string }[];
    items: {
      id: string;
      type: string;
      data: { content?: string; title?: string };
      position: { x: number; y: number };
      parent?: { id: string };
      tagIds: string[];
    }[];
    tags: { id: string; title: string }[];
    groups: { id: string; data: { items: string[] } }[];
  }[];
}

const stateOf = async (send: Send): Promise<State> => (await send('GET', '/_sim/state')).body as unknown as State;

function partsIn({ boards }: State, id: string): string[] {
  const { tags, items, groups } = boards.find((board) => board.id === id)!;
  return [...tags, ...items, ...groups].map((part) => part.id);
}

const rounded = (n: number): number => Math.round(n * 1e6) / 1e6;
const sorted = <T>(entries: Iterable<[string, T]>): [string, T][] => [...entries].sort(([a], [b]) => (a < b ? -1 : 1));

/** What both sides are compared by. */
const boardsIn = ({ boards }: State): unknown =>
  boards.map(({ id, name, members, items, tags, groups }) => ({
    id,
    name,
    members: sorted(members.map(({ email, role }) => [email, role])),
    items: items.map(({ id, type, data, position: { x, y }, parent, tagIds }) => ({
      id,
      type,
      content: (data.content ?? data.title ?? '').replace(/<\/?p>/g, ''),
      x: rounded(x),
      y: rounded(y),
      frame: parent?.id,
      tags: tagIds,
    })),
    tags: sorted(tags.map((tag) => [tag.id, tag.title])),
    groups: sorted(groups.map((group) => [group.id, group.data.items])),
  }));

const boardsOf = (model: Model): unknown =>
  [...model.values()].map(({ id, name, members, items, tags, groups }) => ({
    id,
    name,
    members: sorted(members),
    items: [...items].map(([id, { x, y, ...item }]) => ({ id, ...item, x: rounded(x), y: rounded(y) })),
    tags: sorted(tags),
    groups: sorted(groups),
  }));
