/** Whether each thing exists exactly once, from the simulator's own state and the caller's own request: nothing that our programs recorded is asked. */
import type { Blueprint, MemberInput } from '../../../contract.js';
import { toPlain } from '../../../jobs/provision-board/html.js';
import type { SimBoard, SimItem } from './simulated.js';

export interface Check {
  what: string;
  wanted: number;
  found: number;
  doubled: number;
  missing: number;
}

export const isProven = (checks: Check[]): boolean =>
  checks.every(({ doubled, missing }) => doubled === 0 && missing === 0);

/** No second board carries the marker of the board at `boardId`. */
export function checkMarker(what: string, boards: SimBoard[], boardId: string): Check {
  const markerOf = ({ description }: SimBoard): string | undefined => /\[tm:[^\]]+\]/.exec(description)?.[0];
  const board = boardById(boards, boardId);
  const marker = markerOf(board);
  const name = marker ?? 'a marker';
  return exactlyOnce(
    what,
    [name],
    marker === undefined ? [] : boards.filter((b) => markerOf(b) === marker).map(() => name),
  );
}

export function checkBlueprint(boards: SimBoard[], boardId: string, blueprint: Blueprint, recordUrl: string): Check[] {
  const board = boardById(boards, boardId);
  const { frames = [], items = [], connectors = [], tags = [] } = blueprint;
  const titles = new Map(frames.map(({ id, title }) => [id, title]));
  const places = new Map(
    items.map(({ id, type, frame = '', position: { x, y } }) => [id, place(type, titles.get(frame), x, y)]),
  );
  const placeOf = (id: string): string => places.get(id) ?? id;
  const found = foundPlaces(board, recordUrl);
  const wanted = [...frames.map(({ title }) => `frame ${title}`), ...places.values(), 'record card'];
  const attached = items.flatMap(({ id, tags: own = [] }) => own.map((tag) => `${placeOf(id)} ${titleOf(tags, tag)}`));
  return [
    exactlyOnce('frames, items, record card', wanted, [...found.values()]),
    exactlyOnce(
      'connectors',
      connectors.map(({ from, to }) => `${placeOf(from)} → ${placeOf(to)}`),
      endsOf(board, found),
    ),
    exactlyOnce(
      'tags',
      tags.map(({ title }) => title),
      board.tags.map(({ title }) => title),
    ),
    exactlyOnce(
      'tags on items',
      attached,
      board.items.flatMap((item) => item.tagIds.map((tag) => `${found.get(item.id)} ${titleOf(board.tags, tag)}`)),
    ),
  ];
}

/** A copy has what its template has, with the placeholder filled in. */
export function checkCopy(
  boards: SimBoard[],
  boardId: string,
  templateId: string,
  fill: (text: string) => string,
): Check[] {
  const [copy, template] = [boardById(boards, boardId), boardById(boards, templateId)];
  const textAt = ({ type, data, position: { x, y } }: SimItem): string =>
    `${place(type, undefined, x, y)} ${toPlain(data['content'] ?? '')}`;
  const [found, wanted] = [copy, template].map((board) => new Map(board.items.map((item) => [item.id, textAt(item)])));
  return [
    exactlyOnce('items, texts filled in', [...(wanted?.values() ?? [])].map(fill), [...(found?.values() ?? [])]),
    exactlyOnce('connectors', endsOf(template, wanted).map(fill), endsOf(copy, found)),
  ];
}

/** Each sticky note with words has one ticket, which names it, the mark, and one line in the frame of tickets. */
export function checkTickets(
  boards: SimBoard[],
  boardId: string,
  { tickets, tag }: { tickets: { sourceUrl: string; key: string }[]; tag: string },
): Check[] {
  const { items, tags } = boardById(boards, boardId);
  const stickies = items.filter(({ type, data }) => type === 'sticky_note' && /[\p{L}\p{N}]/u.test(wordsOf(data)));
  const tagId = tags.find(({ title }) => title === tag)?.id ?? '';
  const frames = items.filter(({ type, data }) => type === 'frame' && data['title'] === 'Tickets');
  const rows = items.filter(({ type, parent }) => type === 'text' && frames.some(({ id }) => id === parent?.id));
  const ids = stickies.map(({ id }) => id);
  return [
    exactlyOnce(
      'tickets',
      ids,
      tickets.map(({ sourceUrl }) => /moveToWidget=(\d+)/.exec(sourceUrl)?.[1] ?? sourceUrl),
    ),
    exactlyOnce(
      `sticky notes tagged “${tag}”`,
      ids,
      items.filter((i) => i.tagIds.includes(tagId)).map(({ id }) => id),
    ),
    exactlyOnce(
      'frames “Tickets”',
      ['Tickets'],
      frames.map(() => 'Tickets'),
    ),
    exactlyOnce(
      'linked rows in it',
      tickets.map(({ key }) => key),
      rows.flatMap(({ data }) =>
        [...(data['content'] ?? '').matchAll(/<a [^>]*>([^<]+)<\/a>/g)].map(([, key]) => key ?? ''),
      ),
    ),
  ];
}

const wordsOf = (data: SimItem['data']): string => toPlain(data['content'] ?? '');

export function checkMembers(boards: SimBoard[], boardId: string, members: MemberInput[]): Check {
  const { members: present, owner } = boardById(boards, boardId);
  const invited = present.filter(({ id }) => id !== owner.id);
  return exactlyOnce(
    'members',
    members.map(({ email, role }) => `${email} ${role}`),
    invited.map(({ email, role }) => `${email} ${role}`),
  );
}

/** Each wanted thing must be there once, and nothing else. */
function exactlyOnce(what: string, wanted: string[], found: string[]): Check {
  const rest = [...found];
  const missing = wanted.filter((name) => {
    const at = rest.indexOf(name);
    if (at >= 0) rest.splice(at, 1);
    return at < 0;
  });
  return { what, wanted: wanted.length, found: found.length, doubled: rest.length, missing: missing.length };
}

function foundPlaces({ items }: SimBoard, recordUrl: string): Map<string, string> {
  const titles = new Map(items.filter(({ type }) => type === 'frame').map(({ id, data }) => [id, data['title']]));
  return new Map(
    items.map(({ id, type, data, parent, position: { x, y } }) => {
      if (type === 'frame') return [id, `frame ${data['title']}`];
      const isRecord = type === 'card' && JSON.stringify(data).includes(recordUrl);
      return [id, isRecord ? 'record card' : place(type, titles.get(parent?.id ?? ''), x, y)];
    }),
  );
}

function endsOf({ connectors }: SimBoard, names: Map<string, string> = new Map()): string[] {
  return connectors.map(({ startItem, endItem }) => `${names.get(startItem.id)} → ${names.get(endItem.id)}`);
}

/** A blueprint's items are told apart by type, frame and position; many have the same text, or none. */
function place(type: string, frame: string | undefined, x: number, y: number): string {
  return `${type} in ${frame ?? 'no frame'} at ${Math.round(x)}, ${Math.round(y)}`;
}

const titleOf = (tags: { id: string; title: string }[], id: string): string =>
  tags.find((tag) => tag.id === id)?.title ?? id;

function boardById(boards: SimBoard[], id: string): SimBoard {
  const board = boards.find((candidate) => candidate.id === id);
  if (!board) throw new Error(`the simulator has no board ${id}`);
  return board;
}
