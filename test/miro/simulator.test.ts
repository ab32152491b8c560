import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  boardMembers,
  boards,
  connectors,
  createMiro,
  createPool,
  exchangeCode,
  frames,
  itemGroups,
  items,
  MiroError,
  oauth,
  pages,
  refreshToken,
  restToken,
  revoke,
  stickyNotes,
  tags,
} from '../../miro/index.js';
import type { Call, Item, Miro, MiroErrorKind, PageCall, Written } from '../../miro/index.js';
import { createSimulator } from '../../simulator/app.js';
import type { RunningSimulator } from '../../simulator/app.js';

let simulator: RunningSimulator;
let miro: Miro;

beforeAll(async () => {
  simulator = await createSimulator({ copyMs: 5 }).start();
  miro = createMiro({ baseUrl: simulator.url });
});
afterAll(async () => {
  await simulator.close();
  await miro.close();
});

const send = <T>(call: Call<T>, deadlineMs = 5_000): Promise<T> =>
  miro.send(call, { token: restToken(simulator.accessToken), deadlineMs });
const all = async <T>(first: PageCall<T>): Promise<T[]> => {
  const read: T[] = [];
  for await (const page of pages(send, first)) read.push(...page);
  return read;
};
const setFaults = (rules: unknown[]): Promise<Response> =>
  fetch(`${simulator.url}/_sim/faults`, { method: 'PUT', body: JSON.stringify(rules) });

describe('against the simulator', () => {
  it('makes a board with items, reads it page by page, changes and deletes it', async () => {
    const board = await send(boards.create({ name: 'Retro', teamId: simulator.teamId }));
    expect(board.viewLink).toContain(board.id);
    const frame = await send(
      frames.create(board.id, {
        data: { title: 'Frame', format: 'custom', type: 'freeform' },
        position: { x: 0, y: 0 },
        geometry: { width: 800, height: 600 },
      }),
    );
    const made: Item[] = [];
    for (let batch = 0; batch < 6; batch++) {
      const notes = Array.from({ length: 20 }, (_, n) => ({
        type: 'sticky_note' as const,
        data: { content: `Note ${batch * 20 + n}` },
        position: { x: 200 + n, y: 200 + batch },
        parent: { id: frame.id },
      }));
      made.push(...(await send(items.createBulk(board.id, notes))));
    }
    const listed = await all(items.list(board.id, { type: 'sticky_note' }));
    expect(listed.map((item) => item.id)).toEqual(made.map((item) => item.id));
    expect(await all(items.list(board.id, { parentId: frame.id }))).toHaveLength(120);
    expect(listed[0]).toMatchObject({ parent: { id: frame.id }, position: { relativeTo: 'parent_top_left' } });

    const [first, second] = made as [Item, Item];
    const line = await send(connectors.create(board.id, { startItem: { id: first.id }, endItem: { id: second.id } }));
    expect((await all(connectors.list(board.id))).map((connector) => connector.id)).toEqual([line.id]);
    const tag = await send(tags.create(board.id, { title: 'Urgent', fillColor: 'red' }));
    await send(tags.attach(board.id, first.id, tag.id));
    expect(await send(tags.ofItem(board.id, first.id))).toMatchObject([{ id: tag.id, title: 'Urgent' }]);
    expect((await all(items.list(board.id, { tagId: tag.id }))).map((item) => item.id)).toEqual([first.id]);
    const group = await send(itemGroups.create(board.id, [first.id, second.id]));
    expect(new Set(group.itemIds)).toEqual(new Set([first.id, second.id]));

    await send(stickyNotes.update(board.id, first.id, { data: { content: 'Changed' } }));
    expect((await send(items.get(board.id, first.id))).data.content).toContain('Changed');
    await send(items.delete(board.id, second.id));
    await expect(send(items.delete(board.id, second.id))).rejects.toMatchObject({
      kind: 'not_found',
      written: 'no',
      code: '3.0201',
    });
    const copy = await send(boards.copy({ from: board.id, name: 'Copy' }));
    expect(copy.id).not.toBe(board.id);
    await send(boards.delete(board.id));
    await expect(send(boards.get(board.id))).rejects.toMatchObject({ kind: 'not_found' });
  });

  it('lists boards by offset, each once', async () => {
    const ids = (await all(boards.list({ teamId: simulator.teamId, limit: 5 }))).map((board) => board.id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.length).toBeGreaterThan(5);
  });

  it('shares a board and tells whom that failed for', async () => {
    const board = await send(boards.create({ name: 'Shared' }));
    const [owner] = await all(boardMembers.list(board.id));
    expect(owner).toMatchObject({ role: 'owner' });
    const shared = await send(boardMembers.share(board.id, { emails: ['new.person@example.com'], role: 'editor' }));
    expect(shared.successful.length + shared.failed.length).toBe(1);
  });

  it('reads the field that Miro refuses', async () => {
    const board = await send(boards.create({ name: 'Fields' }));
    const note = { data: { content: 'x' }, metadata: { key: 1 } };
    await expect(send(stickyNotes.create(board.id, note))).rejects.toMatchObject({
      kind: 'invalid',
      code: '2.0703',
      fields: [{ field: 'metadata' }],
    });
  });
});

describe('every fault that the simulator can make', () => {
  afterEach(() => setFaults([]));

  it.each<[string, MiroErrorKind, Written]>([
    ['429', 'rate_limited', 'unknown'],
    ['401', 'unauthorized', 'no'],
    ['5xx-before', 'unavailable', 'unknown'],
    ['5xx-after', 'unavailable', 'unknown'],
    ['drop-after', 'unavailable', 'unknown'],
    ['timeout', 'timeout', 'unknown'],
    ['truncate', 'malformed', 'unknown'],
    ['html', 'unavailable', 'unknown'],
    ['slow', 'timeout', 'unknown'],
  ])('%s is %s, written: %s, and a "no" is never wrong', async (fault, kind, written) => {
    const board = await send(boards.create({ name: 'Faults' }));
    const deadlineMs = kind === 'timeout' ? 1_000 : 5_000;
    await setFaults([{ match: { method: 'POST', path: '/v2/boards/*/items/bulk' }, fault, delayMs: 6_000 }]);
    const error: unknown = await send(items.createBulk(board.id, [{ type: 'shape' }]), deadlineMs).catch(
      (e: unknown) => e,
    );
    expect(error).toBeInstanceOf(MiroError);
    expect(error).toMatchObject({ kind, written });
    await setFaults([]);
    if (written === 'no') expect(await all(items.list(board.id))).toEqual([]);
  });
});

it('proves by an empty budget that nothing was written, and says when there are credits again', async () => {
  const poor = await createSimulator({ creditLimit: 600 }).start();
  const client = createMiro({ baseUrl: poor.url });
  const create = () =>
    client.send(boards.create({ name: 'x' }), { token: restToken(poor.accessToken), deadlineMs: 5_000 });
  await create();
  const error = (await create().catch((thrown: unknown) => thrown)) as MiroError;
  await client.close();
  await poor.close();
  expect(error).toMatchObject({ kind: 'rate_limited', written: 'no', status: 429, code: 'tooManyRequests' });
  expect(error.retryAfterMs).toBeGreaterThan(0);
  expect(error.retryAfterMs).toBeLessThanOrEqual(61_000);
});

describe('tokens of the simulator', () => {
  const dispatcher = createPool();
  afterAll(() => dispatcher.close());
  const options = () => ({
    dispatcher,
    baseUrl: simulator.url,
    clientId: simulator.clientId,
    clientSecret: simulator.clientSecret,
    deadlineMs: 5_000,
  });

  it('tell whose they are, rotate, and die when they are revoked', async () => {
    const info = await send(oauth.introspect());
    expect(info).toMatchObject({ team: { id: simulator.teamId } });
    expect(info.scopes).toContain('boards:write');

    const pair = await refreshToken({ ...options(), refreshToken: simulator.refreshToken });
    expect(pair).toMatchObject({ userId: info.user.id, teamId: simulator.teamId });
    await expect(send(oauth.introspect())).rejects.toMatchObject({ kind: 'unauthorized' });
    await expect(refreshToken({ ...options(), refreshToken: simulator.refreshToken })).rejects.toMatchObject({
      kind: 'unauthorized',
      written: 'no',
    });
    const fresh = { token: restToken(pair.accessToken), deadlineMs: 5_000 };
    expect((await miro.send(oauth.introspect(), fresh)).user.id).toBe(info.user.id);

    await revoke({ ...options(), accessToken: pair.accessToken });
    await expect(miro.send(boards.list(), fresh)).rejects.toMatchObject({ kind: 'unauthorized', written: 'no' });
  });

  it('do not come from an invented code', async () => {
    const exchange = exchangeCode({ ...options(), code: 'invented', redirectUri: 'https://example.com/back' });
    await expect(exchange).rejects.toMatchObject({ kind: 'unauthorized', written: 'no' });
  });
});
