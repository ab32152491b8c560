import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ensureTenant } from '../../store/tenants.js';
import { builtinTable } from '../../store/tickets.js';
import { draft } from '../store/draft.js';
import { createGatewayStage, type GatewayStage } from './stage.js';

let stage: GatewayStage;
beforeAll(async () => {
  stage = await createGatewayStage();
  const { db, tenantId } = stage.store;
  const table = builtinTable(db, { tenantId, tracker: 'builtin' });
  const { id } = await table.create(draft('tm-1', { title: '=HYPERLINK("http://evil.example")', labels: ['a', 'b'] }));
  await table.comment(id, { marker: 'tm-2', body: 'It moved.' });
  await table.create(draft('tm-3', { body: 'one "two"\nthree', status: 'Done' }));
  await builtinTable(db, { tenantId, tracker: 'ops' }).create(draft('tm-4', { title: 'Ops\nonly' }));
  await builtinTable(db, { ...(await ensureTenant(db, 'rival')), tracker: 'builtin' }).create(draft('tm-5'));
});
afterAll(() => stage.close());

const get = (path: string, key?: string) => stage.call('GET', path, undefined, key);
const keysOf = ({ tickets }: Record<string, unknown>) => (tickets as { key: string }[]).map(({ key }) => key);

it('lists a tenant’s tickets page by page', async () => {
  const { body } = await get('/v1/tickets?tenant=acme&limit=2');
  expect([keysOf(body), body['cursor']]).toEqual([['T-1', 'T-2'], 'T-2']);
  const last = await get('/v1/tickets?tenant=acme&limit=2&after=T-2');
  expect([keysOf(last.body), last.body['cursor']]).toEqual([['OPS-1'], undefined]);
});

it('lists those of one tracker or one status', async () => {
  expect(keysOf((await get('/v1/tickets?tenant=acme&tracker=ops')).body)).toEqual(['OPS-1']);
  expect(keysOf((await get('/v1/tickets?tenant=acme&status=done')).body)).toEqual(['T-2']);
});

it('shows one ticket with its comments, and never its marker', async () => {
  const { status, body } = await get('/v1/tickets/acme/T-1');
  expect(status).toBe(200);
  expect(body).toMatchObject({ key: 'T-1', labels: ['a', 'b'], comments: [{ body: 'It moved.' }], related: [] });
  expect(JSON.stringify(body)).not.toContain('tm-');
});

it.each(['T-9', 'NOSUCH-1', 'nonsense', 'T-99999999999999999999'])('knows no ticket %s', async (key) => {
  const { status, body } = await get(`/v1/tickets/acme/${key}`);
  expect([status, body.error?.message]).toEqual([404, 'There is no such ticket in the built-in tracker.']);
});

it('exports CSV that no spreadsheet takes for formulas', async () => {
  const { headers, body } = await get('/v1/tickets/export?tenant=acme&format=csv');
  expect(headers.get('content-type')).toBe('text/csv; charset=utf-8');
  expect(headers.get('content-disposition')).toBe('attachment; filename="tickets.csv"');
  const rows = parse(String(body['text']), { columns: true });
  expect(rows).toMatchObject([
    { key: 'T-1', title: '\'=HYPERLINK("http://evil.example")', labels: 'a, b' },
    { key: 'T-2', body: 'one "two"\nthree', status: 'Done' },
    { key: 'OPS-1', title: 'Ops\nonly' },
  ]);
});

it('exports JSON and Markdown', async () => {
  expect(keysOf((await get('/v1/tickets/export?tenant=acme')).body)).toEqual(['T-1', 'T-2', 'OPS-1']);
  const { body } = await get('/v1/tickets/export?tenant=acme&tracker=ops&format=md');
  expect(body['text']).toBe(
    '# Tickets\n\n## OPS-1 Ops only\n\nopen\n\nIt is **red**.\n\n[On the board](https://miro.com/app/board/b1=/?moveToWidget=1)\n',
  );
});

it('answers keys of that tenant and that scope only', async () => {
  const elsewhere = await stage.key({ tenants: ['rival'] });
  const unscoped = await stage.key({ scopes: ['events:read'] });
  for (const path of ['/v1/tickets?tenant=acme', '/v1/tickets/acme/T-1', '/v1/tickets/export?tenant=acme']) {
    expect((await get(path, elsewhere)).status).toBe(403);
    expect((await get(path, unscoped)).status).toBe(403);
  }
  expect(keysOf((await get('/v1/tickets?tenant=rival', elsewhere)).body)).toEqual(['T-1']);
});

it('names what is wrong with a query', async () => {
  for (const query of ['', 'tenant=acme&limit=0', 'tenant=acme&after=x', 'tenant=acme&nosuch=1'])
    expect((await get(`/v1/tickets?${query}`)).status).toBe(400);
  expect((await get('/v1/tickets/export?tenant=acme&format=xls')).status).toBe(400);
});
