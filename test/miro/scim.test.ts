import { describe, expect, expectTypeOf, it } from 'vitest';
import {
  boards,
  createMiro,
  createScim,
  pages,
  scimDiscovery,
  scimGroups,
  scimToken,
  scimUsers,
} from '../../miro/index.js';
import type { Miro, RestToken, Scim, ScimToken } from '../../miro/index.js';
import { fakeMiro, jsonMiro } from './fake-miro.js';
import type { FakeMiro } from './fake-miro.js';

const token = scimToken('scim-token-that-must-not-leak');
const how = { token, deadlineMs: 5_000 };

async function withScim<T>(server: FakeMiro, use: (scim: Scim) => Promise<T>): Promise<T> {
  const scim = createScim({ baseUrl: `${server.url}/api/v1/scim/` });
  try {
    return await use(scim);
  } finally {
    await server.close();
    await scim.close();
  }
}

describe('a SCIM call', () => {
  it('goes below its own base, with SCIM media types and a filter that every server reads', async () => {
    const server = await jsonMiro(200, { totalResults: 0 });
    await withScim(server, (scim) => scim.send(scimUsers.list({ filter: 'userName eq "ada+1@example.com"' }), how));
    expect(server.requests).toMatchObject([
      {
        url: '/api/v1/scim/Users?filter=userName%20eq%20%22ada%2B1%40example.com%22&count=200&startIndex=1',
        headers: { authorization: `Bearer ${token}`, accept: 'application/scim+json' },
      },
    ]);
  });

  it('patches as Miro documents it', async () => {
    const server = await jsonMiro(200, { id: 3458764517517819001n.toString(), userName: 'a@x.de', active: 'false' });
    const user = await withScim(server, (scim) =>
      scim.send(scimUsers.patch('7', [{ op: 'Replace', path: 'active', value: 'false' }]), how),
    );
    expect(user).toMatchObject({ id: '3458764517517819001', active: false, groups: [], roles: [] });
    expect(server.requests[0]?.headers['content-type']).toBe('application/scim+json');
    expect(JSON.parse(server.requests[0]?.body ?? '')).toEqual({
      schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
      Operations: [{ op: 'Replace', path: 'active', value: 'false' }],
    });
  });

  it('of a large group patch costs as much as Miro charges for it', () => {
    const members = (count: number) => Array.from({ length: count }, (_, n) => ({ value: `34587645175178190${n}` }));
    expect(scimGroups.patch('1', [{ op: 'Add', path: 'members', value: members(2) }]).credits).toBe(100);
    expect(scimGroups.patch('1', [{ op: 'Add', path: 'members', value: members(50) }]).credits).toBe(2000);
  });

  it.each([
    [404, { detail: 'No valid resources: [{memberId=1}]', status: '404' }, 'not_found', undefined],
    [409, { detail: 'a@x.de is not whitelisted', status: '409' }, 'conflict', undefined],
    [
      400,
      { scimType: 'invalidValue', detail: "User name 'x' is invalid: 'not unique'", status: '400' },
      'invalid',
      'invalidValue',
    ],
  ])('is refused in the shape of SCIM errors: %i', async (status, body, kind, code) => {
    const schemas = ['urn:ietf:params:scim:api:messages:2.0:Error'];
    const server = await jsonMiro(status, { schemas, ...body });
    await withScim(server, async (scim) => {
      const sent = scim.send(scimUsers.create({ userName: 'x' }), how);
      await expect(sent).rejects.toMatchObject({ kind, code, written: 'no', detail: body.detail });
    });
  });

  it('says which base was tried when something else than SCIM answers there', async () => {
    const server = await fakeMiro((_, response) => void response.writeHead(404).end('<html>'));
    await withScim(server, async (scim) => {
      const sent = scim.send(scimDiscovery.serviceProviderConfig(), how);
      await expect(sent).rejects.toThrow('GET /api/v1/scim/ServiceProviderConfig answered 404');
    });
  });
});

describe('SCIM lists', () => {
  it('are read by start index from 1, in whatever pages come', async () => {
    const users = Array.from({ length: 7 }, (_, n) => ({ id: `u${n}`, userName: `u${n}@x.de` }));
    const server = await fakeMiro((request, response) => {
      const start = Number(new URL(request.url ?? '', 'http://x').searchParams.get('startIndex'));
      const Resources = users.slice(start - 1, start + 2);
      response.end(JSON.stringify({ totalResults: users.length, startIndex: start, Resources }));
    });
    const ids = await withScim(server, async (scim) => {
      const read: string[] = [];
      for await (const page of pages((call) => scim.send(call, how), scimUsers.list())) {
        read.push(...page.map((user) => user.id));
      }
      return read;
    });
    expect(ids).toEqual(users.map((user) => user.id));
    expect(server.requests).toHaveLength(3);
  });

  it('without resources are empty, but not if the total says otherwise', async () => {
    const empty = await withScim(await jsonMiro(200, { totalResults: 0 }), (scim) => scim.send(scimGroups.list(), how));
    expect(empty.items).toEqual([]);
    await withScim(await jsonMiro(200, { totalResults: 3 }), async (scim) => {
      await expect(scim.send(scimGroups.list(), how)).rejects.toMatchObject({ kind: 'malformed' });
    });
  });
});

describe('discovery', () => {
  it('tells what the service can do, whatever it leaves out', async () => {
    const server = await jsonMiro(200, {
      patch: { supported: true },
      filter: { supported: 'true', maxResults: '200' },
    });
    const config = await withScim(server, (scim) => scim.send(scimDiscovery.serviceProviderConfig(), how));
    expect(config).toMatchObject({ patch: { supported: true }, filter: { supported: true, maxResults: 200 } });
    expect(config.bulk.supported).toBeUndefined();
  });

  it('lists resource types and schemas', async () => {
    const types = { totalResults: 1, Resources: [{ name: 'User', endpoint: '/Users' }] };
    const read = await withScim(await jsonMiro(200, types), (scim) => scim.send(scimDiscovery.resourceTypes(), how));
    expect(read).toMatchObject([{ name: 'User', endpoint: '/Users', schemaExtensions: [] }]);
    expect(scimDiscovery.schema('urn:ietf:params:scim:schemas:core:2.0:User').path).toBe(
      '/Schemas/urn%3Aietf%3Aparams%3Ascim%3Aschemas%3Acore%3A2.0%3AUser',
    );
  });
});

it('keeps the tokens and calls of REST and SCIM apart: a swap does not compile', () => {
  expectTypeOf<ScimToken>().not.toExtend<RestToken>();
  expectTypeOf<RestToken>().not.toExtend<ScimToken>();
  expectTypeOf<string>().not.toExtend<RestToken>();
  expectTypeOf<Scim>().not.toExtend<Miro>();
  const miro = createMiro({ baseUrl: 'http://127.0.0.1:1' });
  const scim = createScim({ baseUrl: 'http://127.0.0.1:1' });
  const swaps = [
    // @ts-expect-error a SCIM token for the REST API
    () => miro.send(boards.get('b'), how),
    // @ts-expect-error a SCIM call for the REST API
    () => miro.send(scimUsers.get('u'), { token: 'x' as RestToken, deadlineMs: 1 }),
    // @ts-expect-error a REST token for the SCIM API
    () => scim.send(scimUsers.get('u'), { token: 'x' as RestToken, deadlineMs: 1 }),
    // @ts-expect-error a REST call for the SCIM API
    () => scim.send(boards.get('b'), how),
  ];
  expect(swaps).toHaveLength(4);
});
