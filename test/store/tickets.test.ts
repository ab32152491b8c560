import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { beginErasure } from '../../store/erase.js';
import { ensureTenant, TenantErased } from '../../store/tenants.js';
import { builtinTable, editTicket, findTicket, listTickets } from '../../store/tickets.js';
import { createBuiltin, type BuiltinTable } from '../../tickets/builtin.js';
import { TicketError } from '../../tickets/errors.js';
import { createTestStore, type TestStore } from './database.js';
import { draft } from './draft.js';

let store: TestStore;
let tenantId: string;
let table: BuiltinTable;
let tenants = 0;
beforeAll(async () => {
  store = await createTestStore();
});
beforeEach(async () => {
  ({ tenantId } = await ensureTenant(store.db, `tenant-${(tenants += 1)}`));
  table = builtinTable(store.db, { tenantId, tracker: 'builtin' });
});
afterAll(() => store.close());

const show = (key: string) => findTicket(store.db, { tenantId, key });
const listed = async () => (await listTickets(store.db, { tenantId, limit: 100 })).tickets.map(({ key }) => key);

describe('a create', () => {
  it('keeps all of its draft', async () => {
    const fields = { severity: 2, teams: ['a'] };
    const all = {
      type: 'Task',
      status: 'Doing',
      priority: 'High',
      assignee: 'anna',
      parent: 'T-9',
      labels: ['x', 'y'],
    };
    const { key, revision } = await table.create(draft('tm-1', { ...all, fields }));
    expect([key, revision]).toEqual(['T-1', '1']);
    expect(await show('T-1')).toMatchObject({ ...all, fields, title: 'Fix the build', tracker: 'builtin', version: 1 });
  });

  it('sent again is the same ticket, and takes no second number', async () => {
    const first = await table.create(draft('tm-1'));
    expect(await table.create(draft('tm-1', { title: 'another' }))).toEqual(first);
    expect((await table.create(draft('tm-2'))).key).toBe('T-2');
  });

  it('among many at once, each marker twice, gives numbers without gap or double', async () => {
    const markers = Array.from({ length: 40 }, (_, i) => `tm-${i % 20}`);
    const made = await Promise.all(markers.map((marker) => table.create(draft(marker))));
    expect(new Set(made.map(({ key }) => key))).toEqual(new Set(Array.from({ length: 20 }, (_, i) => `T-${i + 1}`)));
  });

  it('of another tracker, or of another tenant, has numbers of its own', async () => {
    await table.create(draft('tm-1'));
    const ops = builtinTable(store.db, { tenantId, tracker: 'ops-2' });
    expect((await ops.create(draft('tm-1'))).key).toBe('OPS-2-1');
    const other = await ensureTenant(store.db, 'other');
    const theirs = builtinTable(store.db, { ...other, tracker: 'builtin' });
    expect((await theirs.create(draft('tm-1'))).key).toBe('T-1');
    expect(await show('ops-2-1')).toMatchObject({ tracker: 'ops-2' });
  });

  it('takes what a database cannot hold out of texts', async () => {
    await table.create(draft('tm-1', { title: 'a\0b', body: 'half \ud83d', labels: ['l\0'], status: 'x\0' }));
    expect(await show('T-1')).toMatchObject({ title: 'ab', body: 'half \ufffd', labels: ['l'], status: 'x' });
  });

  it('is refused for a tenant that is being erased', async () => {
    await beginErasure(store.db, tenantId);
    await expect(table.create(draft('tm-1'))).rejects.toThrow(TenantErased);
  });
});

describe('a revision', () => {
  it('advances with each change and each comment, and stays for a link, a repeat and what is so already', async () => {
    const [{ id }, other] = [await table.create(draft('tm-1')), await table.create(draft('tm-2'))];
    const update = () => table.update(id, { title: 'New', labels: ['now'] });
    const comment = () => table.comment(id, { marker: 'tm-3', body: 'It *moved*.' });
    expect([(await update())?.revision, (await update())?.revision]).toEqual(['2', '2']);
    expect([(await comment())?.revision, (await comment())?.revision]).toEqual(['3', '3']);
    await table.link(id, other.id);
    await table.link(other.id, id);
    expect((await table.get(id))?.revision).toBe('3');
    expect((await table.get(other.id))?.revision).toBe('1');
    expect(await show('T-1')).toMatchObject({ comments: [{ body: 'It *moved*.' }], related: ['T-2'], labels: ['now'] });
    expect(await show('T-2')).toMatchObject({ comments: [], related: ['T-1'] });
  });

  it('advances when a person edits the ticket', async () => {
    const { id } = await table.create(draft('tm-1', { assignee: 'anna' }));
    const edit = { status: 'Done', assignee: null };
    for (let i = 0; i < 2; i += 1)
      expect(await editTicket(store.db, { tenantId, key: 't-1', edit })).toMatchObject({ status: 'Done', version: 2 });
    expect(await show('T-1')).not.toHaveProperty('assignee');
    expect(await table.get(id)).toMatchObject({ revision: '2', closed: true });
    expect(await editTicket(store.db, { tenantId, key: 'T-7', edit })).toBeUndefined();
  });
});

it('loses none of the changes that people and runs make at the same moment', async () => {
  const { id } = await table.create(draft('tm-1'));
  await Promise.all([
    ...['a', 'b', 'c', 'd'].map((word) => table.comment(id, { marker: word, body: word })),
    table.update(id, { title: 'New' }),
    editTicket(store.db, { tenantId, key: 'T-1', edit: { status: 'done' } }),
    editTicket(store.db, { tenantId, key: 'T-1', edit: { assignee: 'bo' } }),
  ]);
  expect(await show('T-1')).toMatchObject({ title: 'New', status: 'done', assignee: 'bo', version: 8 });
});

describe('a ticket that was removed', () => {
  it('leaves nothing but its number and its marker, which no later create brings back', async () => {
    const made = await table.create(draft('tm-1', { fields: { secret: 'plans' } }));
    const other = await table.create(draft('tm-2'));
    await table.comment(made.id, { marker: 'tm-3', body: 'secret comment' });
    await table.link(made.id, other.id);
    for (let i = 0; i < 2; i += 1) await table.remove(made.id);
    expect(await table.get(made.id)).toBeUndefined();
    expect(await show('T-1')).toBeUndefined();
    expect(await listed()).toEqual(['T-2']);
    expect((await show('T-2'))?.related).toEqual([]);
    for (const name of ['tickets', 'ticket_comments']) {
      const rows = JSON.stringify(await store.db.query(`select * from miro.${name} where tenant_id = $1`, [tenantId]));
      expect(rows).not.toContain('secret');
    }
    expect((await table.create(draft('tm-1'))).id).toBe(made.id);
    expect(await listed()).toEqual(['T-2']);
    expect((await table.create(draft('tm-9'))).key).toBe('T-3');
  });

  it('takes no changes, comments or links any more', async () => {
    const [{ id }, other] = [await table.create(draft('tm-1')), await table.create(draft('tm-2'))];
    await table.remove(id);
    expect(await table.update(id, { title: 'back' })).toBeUndefined();
    expect(await table.comment(id, { marker: 'tm-3', body: 'hello' })).toBeUndefined();
    await table.link(id, other.id);
    expect((await show('T-2'))?.related).toEqual([]);
  });
});

describe('the built-in tracker', () => {
  const tracker = () => createBuiltin({ kind: 'builtin', name: 'builtin', config: {} }, { builtin: table });
  const how = { deadlineMs: 1_000 };

  it('says in its own words that a ticket is gone', async () => {
    const { id } = await tracker().create(draft('tm-1'), how);
    await tracker().takeBack(id, how);
    await tracker().takeBack(id, how);
    const gone = tracker().update(id, { title: 'x' }, how);
    await expect(gone).rejects.toThrow(TicketError);
    await expect(gone).rejects.toMatchObject({ kind: 'not_found', written: 'no' });
  });

  it('knows no ticket of another tracker’s id', async () => {
    expect(await tracker().get('10001', how)).toBeUndefined();
    await expect(tracker().comment('10001', { marker: 'm', body: 'b' }, how)).rejects.toMatchObject({
      kind: 'not_found',
    });
  });
});

describe('the list', () => {
  it('is read page by page, in the order of trackers and numbers', async () => {
    const ops = builtinTable(store.db, { tenantId, tracker: 'ops' });
    for (let i = 1; i <= 11; i += 1) await table.create(draft(`tm-${i}`));
    for (let i = 1; i <= 2; i += 1) await ops.create(draft(`tm-${i}`));
    const keys: string[] = [];
    let after: string | undefined;
    do {
      const { tickets, cursor } = await listTickets(store.db, { tenantId, after, limit: 4 });
      keys.push(...tickets.map(({ key }) => key));
      after = cursor;
    } while (after !== undefined);
    expect(keys).toEqual([...Array.from({ length: 11 }, (_, i) => `T-${i + 1}`), 'OPS-1', 'OPS-2']);
  });

  it('can be of one tracker, and of one status', async () => {
    const ops = builtinTable(store.db, { tenantId, tracker: 'ops' });
    await table.create(draft('tm-1', { status: 'Done' }));
    await table.create(draft('tm-2'));
    await ops.create(draft('tm-1', { status: 'done' }));
    const keys = async (filter: { tracker?: string; status?: string }) =>
      (await listTickets(store.db, { tenantId, ...filter, limit: 10 })).tickets.map(({ key }) => key);
    expect(await keys({ tracker: 'ops' })).toEqual(['OPS-1']);
    expect(await keys({ status: 'done' })).toEqual(['T-1', 'OPS-1']);
    expect(await keys({ tracker: 'builtin', status: 'open' })).toEqual(['T-2']);
  });
});
