/** What a board shows of a run's tickets, looked up on the board itself. */
import { expect } from 'vitest';
import type { LinkBack } from '../../contract-retro.js';
import type { SimulatorBoard, SimulatorItem } from '../stack.js';

const TAGGABLE = ['sticky_note', 'card'];
/** `#12`, `RETRO-12`. */
const KEY_LINE = /^(?:#|[A-Z][A-Z0-9_-]*-)\d+$/;

/** Each ticket once, where its way puts it, and nothing elsewhere. @param keys the tickets' keys by item; empty: the board shows none. */
export function expectShown(board: SimulatorBoard, way: LinkBack, keys: ReadonlyMap<string, string>): void {
  const frames = board.items.filter(({ type, data }) => type === 'frame' && data['title'] === 'Tickets');
  const inFrame = board.items.filter(({ parent }) => frames.some(({ id }) => id === parent?.id));
  const ticketed = board.tags.filter(({ title }) => title === 'ticketed').map(({ id }) => id);
  const is = (own: LinkBack, entries: string[]): string[] => (way === own ? entries.sort() : []);
  const items = new Map(board.items.map((item) => [item.id, item.type]));
  const taggable = [...keys.keys()].filter((id) => TAGGABLE.includes(items.get(id) ?? ''));
  expect({
    frames: frames.length,
    rows: inFrame.flatMap(anchors).sort(),
    tagged: board.items
      .flatMap(({ id, tagIds }) => tagIds.filter((tag) => ticketed.includes(tag)).map(() => id))
      .sort(),
    cards: board.items.flatMap(cardKey).sort(),
    lines: board.items.flatMap((item) => keyLines(item).map((key) => `${item.id} ${key}`)).sort(),
  }).toEqual({
    frames: way === 'list' && keys.size > 0 ? 1 : 0,
    rows: is('list', [...keys.values()]),
    tagged: is('list', taggable),
    cards: is('card', [...keys.values()]),
    lines: is(
      'text',
      [...keys].map((entry) => entry.join(' ')),
    ),
  });
}

const anchors = ({ data }: SimulatorItem): string[] =>
  [...textIn(data, 'content').matchAll(/<a [^>]*>([^<]*)<\/a>/g)].map(([, key]) => key ?? '');

/** Of a card that stands for a ticket. */
function cardKey({ type, data }: SimulatorItem): string[] {
  const isOurs = type === 'card' && textIn(data, 'description').includes('· open');
  return isOurs ? [textIn(data, 'title').split(' ', 1)[0] ?? ''] : [];
}

/** Lines that hold nothing but a ticket's key. */
function keyLines({ data }: SimulatorItem): string[] {
  const html = `${textIn(data, 'content')}\n${textIn(data, 'description')}`;
  const lines = html
    .replace(/<br\s*\/?>|<\/?p>/g, '\n')
    .replace(/<[^>]*>/g, '')
    .split('\n');
  return lines.map((line) => line.trim()).filter((line) => KEY_LINE.test(line));
}

const textIn = (data: Record<string, unknown>, name: string): string =>
  typeof data[name] === 'string' ? data[name] : '';
