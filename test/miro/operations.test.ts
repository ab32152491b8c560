import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { call, OPERATIONS } from '../../miro/index.js';
import type { Operation, OperationId } from '../../miro/index.js';
import { CORRECTIONS } from '../../miro/corrections.js';
import { renderOperations } from '../../miro/generate-operations.js';

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
