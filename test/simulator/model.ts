import fc from 'fast-check';
import { expect } from 'vitest';
import { newBoard, type Body, type Send } from './miro.js';

/** What a board should hold after the same calls, in the simplest words: tags by item, frames by child, groups, members. */
export interface Model {
  name: string;
  items: Map<string, { type: string; tags: Set<string>; frame?: string }>;
  tags: Map<string, string>;
  groups: Map<string, string[]>;
  members: Map<string, string>;
}
export interface Real {
  send: Send;
  board: string;
}
type Command = fc.AsyncCommand<Model, Real>;

export async function setUp(send: Send): Promise<{ model: Model; real: Real }> {
  const board = await newBoard(send);
  const owner = (await send('GET', board)).body['owner']!['id']!;
  const model = {
    name: 'A board',
    items: new Map(),
    tags: new Map(),
    groups: new Map(),
    members: new Map([[owner, 'owner']]),
  };
  return { model, real: { send, board } };
}

const pick = <T>(all: Iterable<T>, n: number): T | undefined => {
  const list = [...all];
  return list[n % list.length];
};

function command(name: string, check: (m: Model) => boolean, run: (m: Model, r: Real) => Promise<void>): Command {
  return { check: (m) => check(m), run, toString: () => name };
}

const rename = (name: string): Command =>
  command(
    `rename to ${JSON.stringify(name)}`,
    () => true,
    async (m, { send, board }) => {
      const { status } = await send('PATCH', board, { name });
      const fits = [...name].length >= 1 && [...name].length <= 60;
      expect(status).toBe(fits ? 200 : 400);
      if (fits) m.name = name;
    },
  );

const addItems = (types: string[]): Command =>
  command(
    `add ${types.join()}`,
    () => true,
    async (m, { send, board }) => {
      const data = (type: string): unknown =>
        type === 'text' ? { content: 'x' } : type === 'shape' ? undefined : { title: 'x' };
      const bodies = types.map((type) => ({ type, ...(type !== 'sticky_note' && { data: data(type) }) }));
      const { status, body } = await send('POST', `${board}/items/bulk`, bodies);
      expect(status).toBe(types.length === 0 || types.length > 20 ? 400 : 201);
      if (status === 201) types.forEach((type, i) => m.items.set(body['data']![i]!['id']!, { type, tags: new Set() }));
    },
  );

const moveIntoFrame = (n: number, k: number): Command =>
  command(
    `move ${n} into frame ${k}`,
    (m) => m.items.size > 1,
    async (m, { send, board }) => {
      const [id, item] = pick(m.items, n)!;
      const [parent, target] = pick(m.items, k)!;
      const { status } = await send('PATCH', `${board}/items/${id}`, {
        parent: { id: parent },
        position: { x: 400, y: 225 },
      });
      const fits = target.type === 'frame' && id !== parent && item.type !== 'frame';
      if (fits) expect(status).toBe(200);
      if (target.type !== 'frame') expect(status).toBe(400);
      if (status === 200) item.frame = parent;
    },
  );

const deleteItem = (n: number): Command =>
  command(
    `delete ${n}`,
    (m) => m.items.size > 0,
    async (m, { send, board }) => {
      const [id] = pick(m.items, n)!;
      expect((await send('DELETE', `${board}/items/${id}`)).status).toBe(204);
      expect((await send('DELETE', `${board}/items/${id}`)).status).toBe(404);
      m.items.delete(id);
      for (const item of m.items.values()) if (item.frame === id) delete item.frame;
      regroup(m, [id]);
    },
  );

const addTag = (title: string): Command =>
  command(
    `tag ${title}`,
    () => true,
    async (m, { send, board }) => {
      const { status, body } = await send('POST', `${board}/tags`, { title });
      expect(status).toBe([...m.tags.values()].includes(title) ? 400 : 201);
      if (status === 201) m.tags.set(body['id']!, title);
    },
  );

const attach = (n: number, k: number): Command =>
  command(
    `attach ${k} to ${n}`,
    (m) => m.items.size > 0 && m.tags.size > 0,
    async (m, { send, board }) => {
      const [id, item] = pick(m.items, n)!;
      const [tag] = pick(m.tags, k)!;
      const fits = ['sticky_note', 'card'].includes(item.type) && (item.tags.has(tag) || item.tags.size < 8);
      expect((await send('POST', `${board}/items/${id}?tag_id=${tag}`)).status).toBe(fits ? 204 : 400);
      if (fits) item.tags.add(tag);
    },
  );

const deleteTag = (n: number): Command =>
  command(
    `delete tag ${n}`,
    (m) => m.tags.size > 0,
    async (m, { send, board }) => {
      const [tag] = pick(m.tags, n)!;
      expect((await send('DELETE', `${board}/tags/${tag}`)).status).toBe(204);
      m.tags.delete(tag);
      for (const item of m.items.values()) item.tags.delete(tag);
    },
  );

const group = (numbers: number[]): Command =>
  command(
    `group ${numbers.join()}`,
    (m) => m.items.size > 0,
    async (m, { send, board }) => {
      const ids = [...new Set(numbers.map((n) => pick(m.items, n)![0]))];
      const { status, body } = await send('POST', `${board}/groups`, { data: { items: ids } });
      expect(status).toBe(ids.length < 2 ? 400 : 201);
      if (status !== 201) return;
      regroup(m, ids);
      m.groups.set(body['id']!, ids);
    },
  );

/** Items leave their groups; a group of one is none. */
function regroup(m: Model, gone: string[]): void {
  for (const [id, items] of m.groups) {
    const left = items.filter((item) => !gone.includes(item));
    if (left.length < 2) m.groups.delete(id);
    else m.groups.set(id, left);
  }
}

const PEOPLE = ['ben', 'chie', 'dora', 'zoe'];
const share = (who: number, role: string): Command =>
  command(
    `share with ${who} as ${role}`,
    () => true,
    async (m, { send, board }) => {
      const reply = await send('POST', `${board}/members`, { emails: [`${PEOPLE[who % 4]}@nordlicht.example`], role });
      const id = /"successful":\[(\d+)\]/.exec(reply.text)![1]!;
      m.members.set(id, role);
    },
  );

/** The whole board, read through the lists that clients use, against the model. */
const compare = (): Command =>
  command(
    'compare',
    () => true,
    async (m, { send, board }) => {
      const items = await listed(send, `${board}/items?limit=50`);
      expect(items.map((item) => item['id'])).toEqual([...m.items.keys()]);
      expect(items.map((item) => item['parent']?.['id'])).toEqual([...m.items.values()].map(({ frame }) => frame));
      for (const [tag] of m.tags) {
        const tagged = [...m.items].filter(([, item]) => item.tags.has(tag)).map(([id]) => id);
        const { body } = await send('GET', `${board}/items?tag_id=${tag}&limit=50`);
        expect(body['total']).toBe(tagged.length);
      }
      const groups = await listed(send, `${board}/groups?limit=50`);
      expect(new Map(groups.map((g) => [g['id'], g['data']!['items']]))).toEqual(m.groups);
      const members = (await send('GET', `${board}/members?limit=50`)).body['data'] as unknown as Body[];
      expect(new Map(members.map((member) => [member['id'], member['role']]))).toEqual(m.members);
      expect((await send('GET', board)).body['name']).toBe(m.name);
    },
  );

async function listed(send: Send, path: string): Promise<Body[]> {
  const { body } = await send('GET', path);
  const data = body['data'] as unknown as Body[];
  return body['cursor']
    ? [...data, ...(await listed(send, `${path.split('&cursor')[0]}&cursor=${body['cursor']}`))]
    : data;
}

const small = fc.nat(30);
const TYPES = ['sticky_note', 'shape', 'text', 'card', 'frame'];

export const commands: fc.Arbitrary<Command>[] = [
  fc.string({ maxLength: 70 }).map(rename),
  fc.array(fc.constantFrom(...TYPES), { maxLength: 21 }).map(addItems),
  fc.tuple(small, small).map(([n, k]) => moveIntoFrame(n, k)),
  small.map(deleteItem),
  fc.constantFrom('a', 'A', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j').map(addTag),
  fc.tuple(small, small).map(([n, k]) => attach(n, k)),
  small.map(deleteTag),
  fc.array(small, { minLength: 1, maxLength: 4 }).map(group),
  fc.tuple(small, fc.constantFrom('viewer', 'commenter', 'editor', 'coowner')).map(([who, role]) => share(who, role)),
  fc.constant(null).map(compare),
];
