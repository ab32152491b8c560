/** What holds for every board, and for the one that the demo shows. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { boardModel, type BoardPages } from '../../activities/board-model.js';
import type { BoardItem, BoardModel } from '../../jobs/retro-to-tickets/model.js';
import { recordsOf } from '../../jobs/retro-to-tickets/records.js';
import type { Board, Connector, Item } from '../../miro/index.js';
import { createSimulator } from '../../simulator/app.js';
import { RETRO_COLUMNS } from '../../simulator/worlds/retro-texts.js';
import { readBoard } from './read-board.js';

const NOTHING_OURS = { itemIds: new Set<string>(), tagTitles: [], links: [] };
const RUNS = { numRuns: 150, seed: 42 };

const text = fc.constantFrom(
  '',
  '???',
  '👍',
  '+1',
  'Fewer meetings',
  'fewer meetings!',
  '[ ] write docs',
  'Keep',
  '会議',
  'راحة',
);
const coordinate = fc.integer({ min: -1500, max: 1500 });
const side = fc.integer({ min: 20, max: 900 });
const item = fc.record({
  ...{ type: fc.constantFrom('sticky_note', 'sticky_note', 'card', 'text', 'shape', 'frame', 'image'), text },
  ...{ x: coordinate, y: coordinate, width: side, height: side, rotation: fc.constantFrom(0, 0, 90, 270) },
  ...{ color: fc.constantFrom('light_yellow', 'light_pink'), fontSize: fc.constantFrom(14, 48) },
  parent: fc.option(fc.nat(), { nil: undefined, freq: 4 }),
});
type Drawn = typeof item extends fc.Arbitrary<infer One> ? One : never;

/** Any frame may be the parent of anything, also in a circle. */
function boardOf(drawn: Drawn[], by = { x: 0, y: 0 }): BoardModel {
  const frames = drawn.flatMap(({ type }, i) => (type === 'frame' ? [i] : []));
  const items = drawn.map(({ x, y, parent, text, ...rest }, i): BoardItem => {
    const holder = parent === undefined ? undefined : frames[parent % Math.max(1, frames.length)];
    const centre = { x: x + by.x, y: y + by.y };
    const title = rest.type === 'frame' ? { title: `Frame of ${i % 3}` } : {};
    const parentId = holder === undefined || holder === i ? {} : { parentId: idOf(holder) };
    const words = { text: rest.type === 'frame' ? '' : text, markdown: text };
    return { id: idOf(i), ...words, ...rest, ...title, ...parentId, absolute: centre, relative: centre, tagIds: [] };
  });
  return {
    boardId: 'b',
    name: 'Retro',
    url: 'https://miro.example/b/',
    items,
    tags: [],
    connectors: [],
    groups: [],
    people: {},
  };
}

const idOf = (i: number): string => String(3458764500000000000n + BigInt(i));
const boards = fc.array(item, { maxLength: 30 });

/** Where things stand, without the coordinates themselves. */
const standing = (board: BoardModel) =>
  recordsOf(board, {}, NOTHING_OURS).records.map(({ absolute: _, relative: __, ...record }) => record);

describe('reading a board', () => {
  it('leaves no item out without a reason, and reads none twice', () => {
    fc.assert(
      fc.property(boards, (drawn) => {
        const board = boardOf(drawn);
        const { records, dropped } = recordsOf(board, {}, NOTHING_OURS);
        const readable = board.items.filter(({ type }) => type !== 'frame' && type !== 'image').map(({ id }) => id);
        const told = [...records, ...dropped].map(({ itemId }) => itemId);
        expect(told.sort()).toEqual(readable.sort());
        expect(records.map(({ order }) => order)).toEqual(records.map((_, i) => i));
        expect(dropped.every(({ reason }) => reason !== '')).toBe(true);
      }),
      RUNS,
    );
  });

  it('does not depend on where on the canvas the board was begun', () => {
    fc.assert(
      fc.property(boards, coordinate, coordinate, (drawn, x, y) => {
        expect(standing(boardOf(drawn, { x: x * 64, y: y * 64 }))).toEqual(standing(boardOf(drawn)));
      }),
      RUNS,
    );
  });

  it('does not depend on the order in which Miro lists items', () => {
    const pages = fc.array(item, { maxLength: 30 }).chain((drawn) => {
      const items = boardOf(drawn).items.map(
        ({ id, type, text: content, absolute, width, height, rotation, parentId }) => ({
          ...{ id, type, data: type === 'frame' ? { title: 'F' } : { content }, style: {} },
          ...{ geometry: { width, height, rotation }, position: { ...absolute, relativeTo: 'canvas_center' } },
          ...(parentId !== undefined && { parent: { id: parentId } }),
        }),
      );
      return fc.tuple(fc.constant(items), fc.shuffledSubarray(items, { minLength: items.length }));
    });
    const read = (items: Parameters<typeof boardModel>[0]['items']) => {
      const board = { id: 'b', name: 'Retro', description: '' };
      const rest = { connectors: [], groups: [], tags: [], tagged: {}, members: [] };
      return recordsOf(boardModel({ board, items, ...rest }), {}, NOTHING_OURS);
    };
    fc.assert(
      fc.property(pages, ([items, shuffled]) => {
        expect(read(shuffled)).toEqual(read(items));
      }),
      RUNS,
    );
  });
});

describe('the retro of the small world', () => {
  it.each([1, 2, 3])(
    'is three columns under their headings, without the sticky that says "???" (seed %i)',
    async (seed) => {
      const simulator = await createSimulator({ world: 'small', seed }).start();
      try {
        const { accessToken, url } = simulator;
        const answer = await fetch(`${url}/v2/boards?query=Retro`, {
          headers: { authorization: `Bearer ${accessToken}` },
        });
        const { data } = (await answer.json()) as { data: { id: string; name: string }[] };
        const board = data.find(({ name }) => name.startsWith('Retro Sprint 42'));
        const pages = await readBoard(url, accessToken, board?.id ?? '');
        const { records, dropped } = recordsOf(boardModel(pages), {}, NOTHING_OURS);
        for (const { title, texts } of RETRO_COLUMNS) {
          const column = records.filter((record) => record.column === title);
          expect(column.map(({ text }) => text).sort()).toEqual(texts.filter((one) => one !== '???').sort());
        }
        expect(records.filter(({ tags }) => tags.includes('Action item'))).toHaveLength(6);
        expect(dropped.map(({ text, reason }) => `${text}: ${reason.split(':')[0]}`)).toEqual([
          ...['Went well 🎉: heading', 'Could be better 🤔: heading', '???: empty', 'Next time 💡: heading'],
        ]);
      } finally {
        await simulator.close();
      }
    },
  );
});

it('reads one board from what Miro lists, in whatever order it does', () => {
  const item = (id: string, content: string): Item => ({ id, type: 'sticky_note', data: { content }, style: {} });
  const connector = (id: string, to: string): Connector => ({
    id,
    startItem: { id: '1' },
    endItem: { id: to },
    captions: [],
    style: {},
  });
  const pages: BoardPages = {
    board: { id: 'b', name: 'Retro', viewLink: 'https://miro.example/b/' } as Board,
    items: [item('1', 'One'), item('2', 'Two'), item('3', 'Three')],
    connectors: [connector('4', '2'), connector('5', '3')],
    groups: [
      { id: '6', itemIds: ['1', '2'] },
      { id: '7', itemIds: ['1', '3'] },
    ],
    tags: [
      { id: '8', title: 'red', fillColor: 'red' },
      { id: '9', title: 'green', fillColor: 'green' },
    ],
    tagged: { t8: ['1', '2'], t9: ['2', '1'] },
    members: [],
  };
  const turned: BoardPages = {
    ...pages,
    items: pages.items.toReversed(),
    connectors: pages.connectors.toReversed(),
    groups: pages.groups.toReversed(),
    tags: pages.tags.toReversed(),
    tagged: Object.fromEntries(Object.entries(pages.tagged).toReversed()),
  };
  expect(boardModel(turned)).toEqual(boardModel(pages));
});
