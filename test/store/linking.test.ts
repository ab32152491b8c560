/** Links that are judged, SCIM tokens, revoking, and what backends are told of it. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  attachScim,
  beginRevoke,
  beginRevokeAll,
  ensureConnection,
  findConnection,
  finishRevoke,
  getConnectionById,
  linkAccount,
  listConnections,
  type Accepted,
  type GrantFacts,
  type LinkAnswer,
} from '../../store/connections.js';
import { renewAppSecret } from '../../store/apps.js';
import {
  claimRefresh,
  commitRefresh,
  markNeedsRelink,
  markRefreshSent,
  readToken,
  recordGrantFacts,
} from '../../store/grants.js';
import { takeOutbox } from '../../store/outbox.js';
import { park } from '../../store/parked.js';
import { ensureTenant } from '../../store/tenants.js';
import { createTestStore, type TestStore } from './database.js';

const app = { clientId: 'client', clientSecret: 'app-secret' };
const SCOPES = ['boards:read', 'boards:write'];

let store: TestStore;
let name: string;
let ada: GrantFacts;
beforeAll(async () => {
  store = await createTestStore();
});
afterAll(() => store.close());
beforeEach(() => {
  name = randomUUID();
  ada = { userId: `ada-${name}`, teamId: 'team', scopes: SCOPES, userName: 'Ada Lovelace', orgId: 'org' };
});

const pair = () => ({ accessToken: randomUUID(), refreshToken: randomUUID(), expiresInMs: 3_600_000 });
type Link = { as?: string; accept?: Accepted; tenantId?: string };
const link = (facts: GrantFacts, { as = name, accept, tenantId = store.tenantId }: Link = {}) =>
  linkAccount(store.db, store.vault, { tenantId, name: as, rest: { ...pair(), facts }, app, accept });
const linked = (answer: LinkAnswer) => {
  if (answer.state === 'refused') throw new Error(`refused: ${answer.reason}`);
  return { connectionId: answer.connection.connectionId, ...answer.connection.rest! };
};
const find = (as = name, tenantId = store.tenantId) => findConnection(store.db, { tenantId, name: as });
const secretOf = async (grantId: string) => (await readToken(store.db, store.vault, grantId)).accessToken;
/** What backends were told of connections of these names, oldest first. */
const told = async (...names: string[]) => {
  const rows = await store.db.query<{ type: string; data: Record<string, unknown> }>(
    `select type, data from miro.events where data ->> 'connection' = any ($1) order by seq`,
    [names],
  );
  return rows.map(({ type, data }): Record<string, unknown> => ({ type: type.replace('connection.', ''), ...data }));
};
const parkedOn = async (grant: { grantId: string; generation: number }) => {
  await markNeedsRelink(store.db, { ...grant, reason: 'dead' });
  const { grantId, generation } = grant;
  const run = { workflowId: `workflow-${name}`, runId: 'run' };
  expect(await park(store.db, { tenantId: store.tenantId, connectionName: name, grantId, generation, ...run })).toEqual(
    {
      parked: true,
    },
  );
};
const woken = async () =>
  (await takeOutbox(store.db, { kind: 'relinked', limit: 1_000, leaseMs: 1 })).filter(
    ({ payload }) => payload.workflowId === `workflow-${name}`,
  );

describe('a relink', () => {
  it('by the same user is the next generation of the grant, and wakes who waits for it', async () => {
    const first = linked(await link(ada));
    await parkedOn(first);
    expect(linked(await link(ada))).toMatchObject({ grantId: first.grantId, generation: 2, state: 'live' });
    expect(await woken()).toHaveLength(1);
  });

  it.each([{ state: 'live' }, { state: 'dead' }])('of a $state grant by another user is refused', async ({ state }) => {
    const first = linked(await link(ada));
    if (state === 'dead') await parkedOn(first);
    const before = await find();
    const ben = { ...ada, userId: 'ben' };
    expect(await link(ben)).toEqual({ state: 'refused', reason: 'other_user' });
    expect(await find()).toEqual(before);
    expect(await woken()).toEqual([]);

    expect(linked(await link(ben, { accept: { otherUser: true } })).grantId).not.toBe(first.grantId);
    expect(await woken()).toHaveLength(state === 'dead' ? 1 : 0);
  });

  it('with fewer scopes is refused and tells which are missing, unless that is accepted', async () => {
    const first = linked(await link(ada));
    await parkedOn(first);
    const before = [await find(), await secretOf(first.grantId)];
    const fewer = { ...ada, scopes: ['boards:read'] };
    expect(await link(fewer)).toEqual({ state: 'refused', reason: 'fewer_scopes', missing: ['boards:write'] });
    expect([await find(), await secretOf(first.grantId)]).toEqual(before);
    expect(await woken()).toEqual([]);
    expect(await link(fewer, { accept: { otherUser: true } })).toMatchObject({ state: 'refused' });

    expect(linked(await link(fewer, { accept: { fewerScopes: true } }))).toMatchObject({ generation: 2 });
    expect(await woken()).toHaveLength(1);
  });

  it('is judged also where it would change the grant of another connection', async () => {
    linked(await link(ada));
    const other = `${name}-other`;
    expect(await link({ ...ada, scopes: ['boards:read'] }, { as: other })).toMatchObject({ reason: 'fewer_scopes' });
    expect(await find(other)).toBeUndefined();
  });

  it('that is refused leaves no trace of an app that was new', async () => {
    linked(await link(ada));
    const before = await store.db.query('select client_id from miro.apps order by client_id');
    await linkAccount(store.db, store.vault, {
      ...{ tenantId: store.tenantId, name, app: { clientId: `app-${name}`, clientSecret: 'x' } },
      rest: { ...pair(), facts: { ...ada, userId: 'ben' } },
    });
    expect(await store.db.query('select client_id from miro.apps order by client_id')).toEqual(before);
  });

  it('by many at once leaves one grant, and a generation for each', async () => {
    const names = Array.from({ length: 6 }, (_, n) => `${name}-${n}`);
    const grants = (await Promise.all(names.map((as) => link(ada, { as })))).map(linked);
    expect(new Set(grants.map(({ grantId }) => grantId)).size).toBe(1);
    expect((await find(names[0]))?.rest?.generation).toBe(6);
  });
});

describe('what backends are told', () => {
  it('of a link, of a dead token once, and of the relink: for every connection of the grant, without names or secrets', async () => {
    const other = `${name}-other`;
    const { grantId } = linked(await link(ada));
    linked(await link(ada, { as: other }));
    const dead = { grantId, generation: 2, reason: 'Miro refused it' };
    expect(await Promise.all([1, 2, 3].map(() => markNeedsRelink(store.db, dead)))).toEqual([true, true, true]);
    const events = await told(name, other);
    expect(events.map(({ type, connection, generation }) => [type, connection === name, generation].join(' '))).toEqual(
      ['linked true 1', ...['linked true 2', 'linked false 2'], ...['needs_relink true 2', 'needs_relink false 2']],
    );
    expect(events.at(-1)).toMatchObject({ grantId, kind: 'rest', reason: 'Miro refused it', scopes: SCOPES });
    expect((await find())?.rest?.deadSince).toBeInstanceOf(Date);
    expect(JSON.stringify(events)).not.toContain('Lovelace');
  });

  it('of a pair that came late and saved the grant', async () => {
    const { grantId } = linked(await link(ada));
    await markNeedsRelink(store.db, { grantId, generation: 1, reason: 'no answer' });
    await commitRefresh(store.db, store.vault, { grantId, generation: 1, pair: pair() });
    expect((await told(name)).map(({ type }) => type)).toEqual(['linked', 'needs_relink', 'linked']);
  });

  it('of scopes or a role that were known and are others now', async () => {
    const { grantId } = linked(await link(ada));
    const record = (facts: Partial<GrantFacts>, generation = 1) =>
      recordGrantFacts(store.db, { ...ada, ...facts, grantId, generation });
    await record({ scopes: [...SCOPES].reverse() });
    await record({ role: 'organization_internal_admin' });
    expect((await told(name)).map(({ type }) => type)).toEqual(['linked']);
    await record({ role: 'organization_internal_user' });
    await record({ scopes: ['boards:read'] });
    await record({ scopes: SCOPES }, 7); // of a token that is not the present one
    expect((await told(name)).slice(1)).toMatchObject([
      { type: 'scopes_changed', role: 'organization_internal_user' },
      { type: 'scopes_changed', scopes: ['boards:read'] },
    ]);
    expect((await find())?.rest?.names).toMatchObject({ userName: 'Ada Lovelace', role: 'organization_internal_user' });
  });
});

describe('a SCIM token', () => {
  const attach = (scimToken: string, as = name) =>
    attachScim(store.db, store.vault, {
      tenantId: store.tenantId,
      name: as,
      scimToken: `${scimToken} ${name}`,
      orgId: `org-${name}`,
    });

  it('is a grant of its own beside the account, shared in an organisation', async () => {
    const { grantId } = linked(await link(ada));
    const first = await attach('scim-1');
    expect(first).toMatchObject({
      rest: { grantId },
      scim: { kind: 'scim', generation: 1, budgetKey: `scim:org-${name}` },
    });
    expect((await attach('scim-1')).scim).toEqual(first.scim);
    expect((await attach('scim-2', `${name}-other`)).scim).toMatchObject({
      grantId: first.scim?.grantId,
      generation: 2,
    });
    expect(await secretOf(first.scim!.grantId)).toBe(`scim-2 ${name}`);
  });

  it('wakes who waits for it, and not who waits for the account', async () => {
    const { scim } = await attach('scim-1');
    await parkedOn(scim!);
    linked(await link(ada));
    expect(await woken()).toEqual([]);
    await attach('scim-2');
    expect((await woken()).map(({ payload }) => payload.generation)).toEqual([2]);
  });
});

describe('revoking', () => {
  beforeEach(async () => {
    for (const secret of await beginRevokeAll(store.db, store.vault, store.tenantId))
      await finishRevoke(store.db, secret);
  });
  const revoke = (as = name, tenantId = store.tenantId) => beginRevoke(store.db, store.vault, { tenantId, name: as });

  it('takes the grants out of use, gives their secrets out until they are erased, and tells backends once', async () => {
    const { grantId } = linked(await link(ada));
    const { scim } = await attachScim(store.db, store.vault, { tenantId: store.tenantId, name, scimToken: 'scim' });
    const secrets = await revoke();
    expect(secrets).toMatchObject([
      { grantId, kind: 'rest', app },
      { kind: 'scim', accessToken: 'scim' },
    ]);
    expect(await claimRefresh(store.db, { grantId, generation: 1, owner: randomUUID(), leaseMs: 1_000 })).toMatchObject(
      {
        state: 'dead',
      },
    );
    expect(await revoke()).toEqual(secrets);

    for (const secret of secrets) await finishRevoke(store.db, secret);
    expect(await revoke()).toEqual([]);
    expect(await secretOf(grantId)).toBe('');
    expect((await find())?.rest).toMatchObject({ state: 'revoked', names: {} });
    expect((await told(name)).filter(({ type }) => type === 'revoked').map((event) => event['grantId'])).toEqual(
      expect.arrayContaining([grantId, scim!.grantId]),
    );
    expect((await told(name)).filter(({ type }) => type === 'revoked')).toHaveLength(2);
  });

  it('is not undone by an exchange that was under way', async () => {
    const { grantId } = linked(await link(ada));
    await revoke();
    expect(await commitRefresh(store.db, store.vault, { grantId, generation: 1, pair: pair() })).toEqual({
      ...{ committed: false, generation: 1, state: 'revoked' },
    });
    expect(await markNeedsRelink(store.db, { grantId, generation: 1, reason: 'late' })).toBe(false);
  });

  it('leaves a grant alone that another connection uses', async () => {
    const other = `${name}-other`;
    linked(await link(ada));
    const { grantId } = linked(await link(ada, { as: other }));
    expect(await revoke()).toEqual([]);
    expect((await find())?.rest).toMatchObject({ state: 'revoked', miroUserId: ada.userId });
    expect((await find())?.rest?.grantId).not.toBe(grantId);
    expect((await find(other))?.rest).toMatchObject({ grantId, state: 'live' });
    expect((await told(name)).at(-1)).toMatchObject({ type: 'revoked', grantId });
    expect(await revoke(other)).toMatchObject([{ grantId }]);
  });

  it('lets runs wait whose connection shared the grant, and wakes them at the relink, also those that waited before', async () => {
    linked(await link(ada, { as: `${name}-other` }));
    const shared = linked(await link(ada));
    await parkedOn(shared);
    expect(await revoke()).toEqual([]);
    const { grantId, generation } = (await find())!.rest!;
    const waiting = { tenantId: store.tenantId, connectionName: name, grantId, generation };
    expect(await park(store.db, { ...waiting, workflowId: `another-${name}`, runId: 'run' })).toEqual({ parked: true });

    // who waited for the shared grant is woken too, although the connection pointed elsewhere in between
    const ben = { ...ada, userId: `ben-${name}` };
    expect(await link(ben)).toMatchObject({ reason: 'other_user' });
    linked(await link(ben, { accept: { otherUser: true } }));
    expect(await woken()).toHaveLength(1);
  });

  it('that Miro did not finish is finished later, although another account was linked since', async () => {
    const { grantId } = linked(await link(ada));
    const [secret] = await revoke();
    expect(linked(await link(ada)).grantId).not.toBe(grantId);
    const again = await revoke();
    expect(again).toHaveLength(2);
    expect(again).toContainEqual({ ...secret, connection: undefined });
    for (const each of again) await finishRevoke(store.db, each);
    expect(await revoke()).toEqual([]);
  });

  it('takes all grants of a tenant, also what no connection leads to', async () => {
    linked(await link(ada));
    await link({ ...ada, userId: 'ben' }, { accept: { otherUser: true } });
    await attachScim(store.db, store.vault, { tenantId: store.tenantId, name, scimToken: 'scim' });
    const secrets = await beginRevokeAll(store.db, store.vault, store.tenantId);
    expect(secrets.filter(({ connection }) => connection === name)).toHaveLength(2);
    expect(secrets.filter(({ connection }) => connection === undefined)).toHaveLength(1);
    expect(
      await store.db.query(`select from miro.grants where tenant_id = $1 and state <> 'revoked'`, [store.tenantId]),
    ).toEqual([]);
  });

  it('lets the account be linked anew, as another grant, and still judges by whom', async () => {
    const { grantId } = linked(await link(ada));
    for (const secret of await revoke()) await finishRevoke(store.db, secret);
    expect(await link({ ...ada, userId: 'ben' })).toMatchObject({ reason: 'other_user' });
    expect(linked(await link(ada)).grantId).not.toBe(grantId);
  });
});

describe('an app whose secret was renewed at Miro', () => {
  const renewed = { ...app, clientSecret: 'renewed' };
  it('gets another exchange for each pair that was refused under the old one, and wakes who waits', async () => {
    const grant = linked(await link(ada));
    await parkedOn(grant);
    await renewAppSecret(store.db, store.vault, app);
    expect((await find())?.rest?.state).toBe('needs_relink');

    await renewAppSecret(store.db, store.vault, renewed);
    expect((await find())?.rest).toMatchObject({ state: 'live', generation: grant.generation });
    const claim = { grantId: grant.grantId, generation: grant.generation, owner: randomUUID(), leaseMs: 1_000 };
    expect(await claimRefresh(store.db, claim)).toEqual({ state: 'claimed', lastTry: false });
    expect(await markRefreshSent(store.db, store.vault, claim)).toMatchObject({ clientSecret: 'renewed' });
    expect((await told(name)).map(({ type }) => type)).toEqual(['linked', 'needs_relink', 'run.parked', 'linked']);
    const woken = await takeOutbox(store.db, { kind: 'relinked', limit: 50, leaseMs: 1_000 });
    expect(woken.map(({ payload }) => payload.workflowId)).toContain(`workflow-${name}`);
    await renewAppSecret(store.db, store.vault, app);
  });

  it('leaves revoked accounts and tokens without an app as they are', async () => {
    await link(ada);
    await beginRevoke(store.db, store.vault, { tenantId: store.tenantId, name });
    await renewAppSecret(store.db, store.vault, renewed);
    expect((await find())?.rest?.state).toBe('revoked');
    await renewAppSecret(store.db, store.vault, app);
  });
});

describe('a tenant', () => {
  it('can name no connection, grant or app of another one', async () => {
    const { tenantId: stranger } = await ensureTenant(store.db, `stranger-${name}`);
    const { grantId, connectionId } = linked(await link(ada));
    const { scim } = await attachScim(store.db, store.vault, {
      tenantId: store.tenantId,
      name,
      scimToken: `s-${name}`,
    });
    const before = await find();

    expect(await find(name, stranger)).toBeUndefined();
    expect(await find(connectionId, stranger)).toBeUndefined();
    expect(await listConnections(store.db, { tenantId: stranger })).toEqual([]);
    for (const as of [name, connectionId, grantId])
      expect(await beginRevoke(store.db, store.vault, { tenantId: stranger, name: as })).toEqual([]);
    const parking = { workflowId: 'w', runId: 'r', generation: 1 };
    for (const id of [grantId, scim!.grantId])
      expect(await park(store.db, { tenantId: stranger, connectionName: name, grantId: id, ...parking })).toEqual({
        parked: false,
      });

    // The same user, team, app and token under the same name: a grant of the stranger's own.
    const own = linked(await link(ada, { tenantId: stranger }));
    const { scim: ownScim } = await attachScim(store.db, store.vault, {
      tenantId: stranger,
      name,
      scimToken: `s-${name}`,
    });
    await ensureConnection(store.db, store.vault, { tenantId: stranger, name, rest: { accessToken: 'static' } });
    expect([own.grantId, ownScim?.grantId]).not.toContain(grantId);
    expect(ownScim?.grantId).not.toBe(scim?.grantId);
    expect(await find()).toEqual(before);
  });

  it('is named in the list of all connections', async () => {
    const { connectionId } = linked(await link(ada));
    const all = await listConnections(store.db);
    const listed = all.find((connection) => connection.connectionId === connectionId);
    expect(listed).toMatchObject({ tenant: 'acme', name, rest: { names: { userName: 'Ada Lovelace' } } });
    expect(await getConnectionById(store.db, connectionId)).toEqual(listed);
    expect(await getConnectionById(store.db, randomUUID())).toBeUndefined();
  });
});
