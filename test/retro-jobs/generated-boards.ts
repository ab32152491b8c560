/** Boards of any size for tests and benchmarks: as people leave them, or one sticky beside the other. Made through Miro's own API. */
import type { RunningSimulator } from '../../simulator/app.js';
import type { Random } from '../../simulator/state/random.js';

export interface GeneratedItem {
  /** As bulk create takes it. */
  body: { type: string; data: object; position: { x: number; y: number }; style?: object };
  /** Titles. */
  tags: string[];
}

export interface GeneratedBoard {
  items: GeneratedItem[];
  /** Places in `items` of what they join. */
  connectors: [from: number, to: number][];
}

export interface MadeBoard {
  boardId: string;
  /** In the order of the generated items. */
  itemIds: string[];
}

const SUBJECTS = [
  'The release',
  'Our standup',
  'Onboarding',
  'The design review',
  'CI',
  'Das Release',
  '朝会',
  'המערכת',
];
const VERBS = [
  'takes too long',
  'went well 🎉',
  'needs an owner',
  'should start earlier',
  'confuses new people',
  'läuft gut',
];
const COLORS = ['light_yellow', 'light_green', 'light_pink', 'light_blue', 'red'];
const TAGS = ['action', 'next sprint', '+1'];
const COLUMNS = ['Went well', 'To improve', 'Ideas', 'Actions'];
const PREFIXES = ['', '', '', '', 'TODO: ', '[ ] ', '@anna '];
const SPACE = 240;
const COLUMN_SPACE = 1_200;
/** Of bulk create. */
const BULK = 20;
const LANES = 6;

/** As many stickies in a grid, no two alike: each becomes a ticket. `label 1: …` is the first. */
export function plainBoard(count: number, label = 'Idea'): GeneratedBoard {
  const wide = Math.ceil(Math.sqrt(count));
  const items = Array.from({ length: count }, (_, n) => ({
    body: sticky(`${label} ${n + 1}: ${SUBJECTS[n % SUBJECTS.length]} ${VERBS[n % VERBS.length]}`, {
      x: (n % wide) * SPACE,
      y: Math.floor(n / wide) * SPACE,
    }),
    tags: [],
  }));
  return { items, connectors: [] };
}

/** As people leave a retro: columns with titles or without, several types and languages, tags, duplicates, items over each other, connectors. */
export function messyBoard(random: Random, count: number): GeneratedBoard {
  const columns = COLUMNS.slice(0, 1 + random.below(COLUMNS.length));
  const hasTitles = random.next() < 0.6;
  const texts: string[] = [];
  const items = Array.from({ length: count }, (_, n): GeneratedItem => {
    const text = textOf(random, texts, n);
    texts.push(text);
    const near = (): number => Math.round((random.next() - 0.5) * SPACE * 0.8);
    const x = random.below(columns.length) * COLUMN_SPACE + (n % 3) * SPACE + near();
    const tags = TAGS.filter(() => random.next() < 0.15);
    return taggable(itemOf(random, text, { x, y: Math.floor(n / 3) * SPACE + near() }), tags);
  });
  const titles = columns.map((title, n) => ({
    body: {
      type: 'text',
      data: { content: title },
      style: { fontSize: '48' },
      position: { x: n * COLUMN_SPACE, y: -500 },
    },
    tags: [],
  }));
  const connectors = Array.from({ length: Math.floor(count / 10) }, (): [number, number] => {
    const from = random.below(count - 1);
    return [from, from + 1];
  });
  return { items: [...items, ...(hasTitles ? titles : [])], connectors };
}

/** One in eight says what another one says. */
function textOf(random: Random, texts: string[], n: number): string {
  if (texts.length > 0 && random.next() < 0.125) return random.pick(texts).toUpperCase();
  return `${random.pick(PREFIXES)}${random.pick(SUBJECTS)} ${random.pick(VERBS)} (${n + 1})`;
}

function itemOf(random: Random, text: string, position: { x: number; y: number }): GeneratedItem['body'] {
  const kind = random.next();
  if (kind < 0.8) return sticky(text, position, random.pick(COLORS));
  if (kind < 0.9) return { type: 'card', data: { title: text, description: 'As we said.' }, position };
  if (kind < 0.95) return { type: 'text', data: { content: text }, position };
  return { type: 'shape', data: { content: text, shape: 'rectangle' }, position };
}

const sticky = (content: string, position: { x: number; y: number }, fillColor = 'light_yellow') => ({
  ...{ type: 'sticky_note', data: { content, shape: 'square' }, style: { fillColor }, position },
});

/** Miro has tags on sticky notes and cards only. */
const taggable = (body: GeneratedItem['body'], tags: string[]): GeneratedItem => ({
  body,
  tags: body.type === 'sticky_note' || body.type === 'card' ? tags : [],
});

/** Makes it on a board of its own. @throws Error for what the simulator refuses */
export async function makeBoard(
  at: Pick<RunningSimulator, 'url' | 'accessToken'>,
  { items, connectors }: GeneratedBoard,
  name = 'Generated retro',
): Promise<MadeBoard> {
  const ask = askerOf(at);
  const { id: boardId } = await ask<{ id: string }>('/v2/boards', { name });
  const board = `/v2/boards/${boardId}`;
  const chunks = Array.from({ length: Math.ceil(items.length / BULK) }, (_, n) =>
    items.slice(n * BULK, (n + 1) * BULK),
  );
  const made = await inLanes(chunks, async (chunk) => {
    const bodies = chunk.map(({ body }) => body);
    return (await ask<{ data: { id: string }[] }>(`${board}/items/bulk`, bodies)).data.map(({ id }) => id);
  });
  const itemIds = made.flat();
  const idOf = (n: number): string => itemIds[n] ?? '';
  for (const title of new Set(items.flatMap(({ tags }) => tags))) {
    const tag = await ask<{ id: string }>(`${board}/tags`, { title, fillColor: 'red' });
    const tagged = [...items.keys()].filter((n) => items[n]?.tags.includes(title));
    await inLanes(tagged, (n) => ask(`${board}/items/${idOf(n)}?tag_id=${tag.id}`));
  }
  await inLanes(connectors, ([from, to]) =>
    ask(`${board}/connectors`, { startItem: { id: idOf(from) }, endItem: { id: idOf(to) } }),
  );
  return { boardId, itemIds };
}

function askerOf({ url, accessToken }: Pick<RunningSimulator, 'url' | 'accessToken'>) {
  const headers = { authorization: `Bearer ${accessToken}`, 'content-type': 'application/json' };
  return async <T>(path: string, body?: unknown): Promise<T> => {
    const init = body === undefined ? {} : { body: JSON.stringify(body) };
    const response = await fetch(`${url}${path}`, { method: 'POST', headers, ...init });
    const text = await response.text();
    if (!response.ok) throw new Error(`POST ${path}: ${response.status} ${text}`);
    return (text === '' ? undefined : JSON.parse(text)) as T;
  };
}

async function inLanes<T, R>(parts: T[], run: (part: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  const left = [...parts.entries()];
  const lane = async (): Promise<void> => {
    for (let next = left.shift(); next; next = left.shift()) results[next[0]] = await run(next[1]);
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  return results;
}
