import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { call, callList, createMiro, OPERATIONS, pages } from '../../miro/index.js';
import type { Operation, OperationId, PageCall } from '../../miro/index.js';
import { CORRECTIONS } from '../../miro/corrections.js';
import { renderOperations } from '../../miro/generate-operations.js';
import { fakeMiro, token } from './fake-miro.js';
import type { FakeMiro } from './fake-miro.js';

const read = (path: string): string => readFileSync(new URL(`../../miro/${path}`, import.meta.url), 'utf8');
const specification = JSON.parse(read('spec/openapi.json')) as {
  paths: Record<string, Record<string, { operationId?: string }>>;
};
const entries = Object.entries(OPERATIONS) as [OperationId, Operation][];

describe('the table of operations', () => {
  it('is what the generator makes of specification and corrections', () => {
    expect(renderOperations(specification)).toBe(read('operations.ts'));
  });

  it('has every operation of the specification', () => {
    const specified = Object.values(specification.paths).flatMap((path) =>
      Object.values(path).flatMap(({ operationId }) => operationId ?? []),
    );
    expect(specified).toHaveLength(197);
    expect(new Set(Object.keys(OPERATIONS))).toEqual(new Set(specified));
  });

  it('names a source for every correction', () => {
    for (const { source } of Object.values(CORRECTIONS)) expect(source.length).toBeGreaterThan(20);
  });

  it('gives each operation one of the four prices, except tokens, which are free', () => {
    for (const [id, { credits }] of entries) {
      expect(id.includes('token') ? [0] : [50, 100, 500, 2000]).toContain(credits);
    }
  });

  it.each([
    ['get-boards', { credits: 50, scopes: ['boards:read'], plan: 'any', paging: 'offset' }],
    ['copy-board', { method: 'PUT', credits: 2000, scopes: ['boards:write'], required: ['copy_from'] }],
    ['create-items', { credits: 100, perItem: true, body: 'json' }],
    ['get-items-by-tag', { template: '/v2/boards/{board_id}/items', paging: 'offset', credits: 50 }],
    ['enterprise-get-organization-members', { credits: 500, plan: 'enterprise', paging: 'cursor' }],
    ['create-legal-hold', { plan: 'enterprise_guard', scopes: ['organization:cases:management'] }],
    ['listGroups', { surface: 'scim', credits: 2000, paging: 'startIndex', plan: 'enterprise' }],
    ['create-document-item-using-file-from-device', { body: 'multipart' }],
    ['get-items-experimental', { duplicateOf: 'get-items' }],
  ] as const)('knows %s', (id, expected) => {
    expect(OPERATIONS[id]).toMatchObject(expected);
  });

  it('refuses a correction of something that is not specified', () => {
    expect(() => renderOperations({ paths: {}, components: { parameters: {} } })).toThrow(/corrections.ts names/);
  });
});

describe('the general door', () => {
  it.each(entries)('builds a call of %s', (id, { method, template, required = [], credits, perItem }) => {
    const names = [...template.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? '');
    const input = {
      path: Object.fromEntries(names.map((name) => [name, `${name}=`])),
      query: Object.fromEntries(required.map((name) => [name, 'x'])),
      body: perItem ? [1, 2] : undefined,
    };
    const built = call(id, input as never);
    expect(built).toMatchObject({ operation: id, method, template, write: method !== 'GET' });
    expect(built.path).toBe(template.replace(/\{(\w+)\}/g, '$1%3D'));
    expect(built.credits).toBe(perItem ? 2 * credits : credits);
  });
});

describe('the general door to lists', () => {
  const read = async (first: PageCall<Record<string, unknown>>, server: FakeMiro): Promise<unknown[]> => {
    const miro = createMiro({ baseUrl: server.url });
    const send = (page: typeof first) => miro.send(page, { token, deadlineMs: 5_000 });
    const items: unknown[] = [];
    for await (const page of pages(send, first)) items.push(...page);
    await miro.close();
    await server.close();
    return items;
  };

  it('follows cursors where the table says so, and tells items without ids apart', async () => {
    const server = await fakeMiro(({ url }, response) =>
      response.end(
        url?.includes('cursor=2') ? '{"data":[{"contentId":"b"}]}' : '{"data":[{"contentId":"a"}],"cursor":2}',
      ),
    );
    const path = { org_id: '1', case_id: '2', legal_hold_id: '3' };
    const items = await read(callList('get-legal-hold-content-items', { path }), server);
    expect(items).toEqual([{ contentId: 'a' }, { contentId: 'b' }]);
  });

  it('follows offsets where the table says so', async () => {
    const server = await fakeMiro(({ url }, response) =>
      response.end(JSON.stringify({ data: [{ id: url?.includes('offset=1') ? 'b' : 'a' }], total: 2 })),
    );
    expect(await read(callList('get-boards', {}), server)).toEqual([{ id: 'a' }, { id: 'b' }]);
  });
});
