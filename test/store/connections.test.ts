import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ensureConnection, findConnection } from '../../store/connections.js';
import { commitRefresh, markNeedsRelink, readToken, recordGrantFacts } from '../../store/grants.js';
import { doneOutbox, retryOutbox, takeOutbox } from '../../store/outbox.js';
import { park, unpark } from '../../store/parked.js';
import { newVaultKeys, openVault, VaultError } from '../../store/vault.js';
import { createTestStore, type TestStore } from './database.js';

const app = { clientId: '3458764500000000001', clientSecret: 'app-secret' };
const facts = { userId: '3458764500000000002', teamId: '3458764500000000003', scopes: ['boards:read', 'boards:write'] };

let store: TestStore;
beforeAll(async () => {
  store = await createTestStore();
});
afterAll(() => store.close());

const link = (
  name: string,
  rest: Parameters<typeof ensureConnection>[2]['rest'],
  withApp = rest.refreshToken !== undefined,
) => ensureConnection(store.db, store.vault, { tenantId: store.tenantId, name, rest, ...(withApp && { app }) });
const grantOf = async (name: string) => {
  const connection = await findConnection(store.db, { tenantId: store.tenantId, name });
  if (!connection?.rest) throw new Error('no grant');
  return connection.rest;
};
const tokenOf = async (name: string) =>
  (await readToken(store.db, store.vault, (await grantOf(name)).grantId)).accessToken;

describe('linking', () => {
  it('links a static token, whose facts come later', async () => {
    const { rest } = await link('static', { accessToken: 'static-token' });
    expect(rest).toMatchObject({ kind: 'rest', generation: 1, state: 'live', scopes: [], refreshable: false });
    expect(rest?.miroUserId).toBeUndefined();
    await recordGrantFacts(store.db, { grantId: rest!.grantId, generation: 1, ...facts, orgId: 'org' });
    expect(await grantOf('static')).toMatchObject({
      miroUserId: facts.userId,
      teamId: facts.teamId,
      orgId: 'org',
      scopes: facts.scopes,
    });
    // Nobody tells which app it is of: another static token of the same user may be of another one.
    expect((await grantOf('static')).budgetKey).toBe(`static:${rest!.grantId}`);
    expect(await tokenOf('static')).toBe('static-token');
  });

  it('changes nothing for the same token', async () => {
    const before = await link('same', { accessToken: 'same-token' });
    expect(await link('same', { accessToken: 'same-token' })).toEqual(before);
  });

  it('makes another token the next generation of the grant, back and forth', async () => {
    const first = await link('changing', { accessToken: 'a' });
    for (const [index, accessToken] of ['b', 'a'].entries()) {
      const { rest } = await link('changing', { accessToken });
      expect(rest).toMatchObject({ grantId: first.rest!.grantId, generation: index + 2, state: 'live' });
      expect(await tokenOf('changing')).toBe(accessToken);
    }
  });

  it('makes another grant for the token of another user', async () => {
    const first = await link('moving', { accessToken: 'of-one', facts });
    const second = await link('moving', { accessToken: 'of-another', facts: { ...facts, userId: '99' } });
    expect(second.rest!.grantId).not.toBe(first.rest!.grantId);
    expect(second.rest!.generation).toBe(1);
  });

  it('never takes a pair back that was refreshed since it was linked', async () => {
    const pair = { accessToken: 'a1', refreshToken: 'r1', expiresInMs: 3_600_000, facts };
    const { rest } = await link('pair', pair);
    await commitRefresh(store.db, store.vault, {
      grantId: rest!.grantId,
      generation: 1,
      pair: { accessToken: 'a2', refreshToken: 'r2', expiresInMs: 3_600_000 },
    });
    const again = await link('pair', pair);
    expect(again.rest).toMatchObject({ generation: 2, budgetKey: `${app.clientId}:${facts.userId}` });
    expect(await tokenOf('pair')).toBe('a2');
  });

  it('gives two connections of the same app, user and team one grant', async () => {
    const owner = { ...facts, userId: '77' };
    const one = await link('one', { accessToken: 'p1', refreshToken: 'q1', facts: owner });
    const two = await link('two', { accessToken: 'p2', refreshToken: 'q2', facts: owner });
    expect(two.rest).toMatchObject({ grantId: one.rest!.grantId, generation: 2 });
    expect(await tokenOf('one')).toBe('p2');
  });

  it('makes one grant of the same token linked by many processes at once', async () => {
    const made = await Promise.all(Array.from({ length: 8 }, () => link('crowd', { accessToken: 'crowd-token' })));
    expect(new Set(made.map(({ rest }) => `${rest!.grantId} ${rest!.generation}`)).size).toBe(1);
  });

  it('refuses a refresh token without its app', async () => {
    await expect(link('no-app', { accessToken: 'x', refreshToken: 'y' }, false)).rejects.toThrow('needs its app');
  });

  it('stores no secret in the clear, and opens none with another ring', async () => {
    await link('secret', {
      accessToken: 'open-secret-1',
      refreshToken: 'open-secret-2',
      facts: { ...facts, userId: '55' },
    });
    const rows = await store.db.query('select g.*, a.* from miro.grants g left join miro.apps a on a.id = g.app_id');
    expect(JSON.stringify(rows)).not.toMatch(/open-secret|app-secret/);
    const { grantId } = await grantOf('secret');
    await expect(readToken(store.db, openVault(newVaultKeys()), grantId)).rejects.toThrow(VaultError);
  });

  it('tells how long a token still lives, by the database clock', async () => {
    const { rest } = await link('clock', {
      accessToken: 'c1',
      refreshToken: 'c2',
      expiresInMs: 60_000,
      facts: { ...facts, userId: '56' },
    });
    const { leftMs, expiresInMs } = await readToken(store.db, store.vault, rest!.grantId);
    expect(leftMs).toBeGreaterThan(0);
    expect(leftMs).toBeLessThanOrEqual(60_000);
    expect(Math.round(expiresInMs ?? 0)).toBe(60_000);
  });
});

describe('parking', () => {
  const run = (name: string, grant: { grantId: string; generation: number }) => ({
    ...{ tenantId: store.tenantId, connectionName: name, grantId: grant.grantId, generation: grant.generation },
    ...{ workflowId: `workflow-${name}`, runId: `run-${name}` },
  });
  const messages = async (name: string) => {
    const taken = await takeOutbox(store.db, { kind: 'relinked', limit: 1000, leaseMs: 1 });
    return taken.filter(({ payload }) => payload.workflowId === `workflow-${name}`);
  };
  const kill = async (name: string) => {
    const grant = await grantOf(name);
    expect(await markNeedsRelink(store.db, { ...grant, reason: 'dead' })).toBe(true);
    return grantOf(name);
  };

  it('parks a run on a dead grant and wakes it by the relink, once a generation', async () => {
    await link('park', { accessToken: 'old' });
    const grant = await kill('park');
    expect(grant).toMatchObject({ state: 'needs_relink', reason: 'dead' });
    expect(await park(store.db, run('park', grant))).toEqual({ parked: true });
    expect(await park(store.db, run('park', grant))).toEqual({ parked: true });
    await link('park', { accessToken: 'new' });
    const [message, ...more] = await messages('park');
    expect(more).toEqual([]);
    expect(message?.payload).toEqual({ workflowId: 'workflow-park', grantId: grant.grantId, generation: 2 });
    await unpark(store.db, run('park', grant));
    await link('park', { accessToken: 'newer' });
    expect(await messages('park')).toHaveLength(1);
  });

  it('does not park on a generation that has passed, on a live grant, or on a connection that points elsewhere', async () => {
    await link('pass', { accessToken: 'old', facts });
    const live = await grantOf('pass');
    expect(await park(store.db, run('pass', live))).toEqual({ parked: false });
    const dead = await kill('pass');
    await link('pass', { accessToken: 'new', facts });
    expect(await park(store.db, run('pass', dead))).toEqual({ parked: false });
    await kill('pass');
    const old = await grantOf('pass');
    await link('pass', { accessToken: 'of-another', facts: { ...facts, userId: '88' } });
    expect(await park(store.db, run('pass', old))).toEqual({ parked: false });
  });

  it('wakes a run whose connection is pointed to another grant', async () => {
    await link('point', { accessToken: 'point-1', facts });
    const grant = await kill('point');
    await park(store.db, run('point', grant));
    const { rest } = await link('point', { accessToken: 'point-2', facts: { ...facts, userId: '66' } });
    expect((await messages('point')).map(({ payload }) => payload.grantId)).toEqual([rest!.grantId]);
  });

  it('loses no run that parks while its grant is relinked', async () => {
    for (let round = 0; round < 15; round++) {
      const name = `race-${round}`;
      await link(name, { accessToken: `old-${round}` });
      const grant = await kill(name);
      const [{ parked }] = await Promise.all([
        park(store.db, run(name, grant)),
        link(name, { accessToken: `new-${round}` }),
      ]);
      expect(await messages(name)).toHaveLength(parked ? 1 : 0);
    }
  });
});

describe('outbox', () => {
  it('gives each message to one relay at a time, and again when it is not done', async () => {
    await store.db.query('delete from miro.outbox');
    const names = ['outbox-1', 'outbox-2', 'outbox-3', 'outbox-4'];
    for (const name of names) {
      await link(name, { accessToken: name });
      const { grantId, generation } = await grantOf(name);
      await markNeedsRelink(store.db, { grantId, generation, reason: 'dead' });
      await park(store.db, {
        tenantId: store.tenantId,
        connectionName: name,
        grantId,
        generation,
        workflowId: name,
        runId: name,
      });
      await link(name, { accessToken: `${name}-new` });
    }
    const taken = await Promise.all(
      [1, 2, 3].map(() => takeOutbox(store.db, { kind: 'relinked', limit: 2, leaseMs: 60_000 })),
    );
    expect(
      taken
        .flat()
        .map(({ payload }) => payload.workflowId)
        .sort(),
    ).toEqual(names);
    const [first, second] = taken.flat();
    await doneOutbox(store.db, first!.outboxId);
    await retryOutbox(store.db, second!.outboxId, 0);
    const again = await takeOutbox(store.db, { kind: 'relinked', limit: 10, leaseMs: 60_000 });
    expect(again.map(({ outboxId, tries }) => ({ outboxId, tries }))).toEqual([
      { outboxId: second!.outboxId, tries: 2 },
    ]);
  });
});
