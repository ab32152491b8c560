import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ensureConnection, findConnection } from '../../store/connections.js';
import {
  claimRefresh,
  commitRefresh,
  lostRefresh,
  markNeedsRelink,
  markRefreshSent,
  readToken,
  refuseRefresh,
  releaseRefresh,
  type RefreshIntent,
} from '../../store/grants.js';
import { takeOutbox } from '../../store/outbox.js';
import { park } from '../../store/parked.js';
import { ensureTenant } from '../../store/tenants.js';
import { createTestStore, type TestStore } from './database.js';

const app = { clientId: 'client', clientSecret: 'client-secret' };
const pair = (number: number) => ({
  accessToken: `access-${number}`,
  refreshToken: `refresh-${number}`,
  expiresInMs: 3_600_000,
});

let store: TestStore;
let name: string;
let grantId: string;
beforeAll(async () => {
  store = await createTestStore();
});
afterAll(() => store.close());
beforeEach(async () => {
  name = randomUUID();
  const rest = { accessToken: `first-${name}`, refreshToken: `refresh-${name}`, expiresInMs: 3_600_000 };
  grantId = (await ensureConnection(store.db, store.vault, { tenantId: store.tenantId, name, rest, app })).rest!
    .grantId;
});

const intent = (generation = 1): RefreshIntent => ({ grantId, generation, owner: randomUUID() });
const ask = (of: RefreshIntent, leaseMs = 60_000) => claimRefresh(store.db, { ...of, leaseMs });
const send = (of: RefreshIntent, leaseMs = 60_000) => markRefreshSent(store.db, store.vault, { ...of, leaseMs });
const commit = (number: number, generation = 1) =>
  commitRefresh(store.db, store.vault, { grantId, generation, pair: pair(number) });
const current = () => readToken(store.db, store.vault, grantId);
const expire = () =>
  store.db.query(`update miro.refreshes set lease_until = clock_timestamp() - interval '1 ms' where grant_id = $1`, [
    grantId,
  ]);
/** Claimed, marked as sent, and killed before the answer. */
const sentAndLost = async () => {
  const lost = intent();
  await ask(lost);
  expect(await send(lost)).toBeDefined();
  await expire();
  return lost;
};

describe('an exchange', () => {
  it('is claimed, sent and committed as the next generation', async () => {
    const mine = intent();
    expect(await ask(mine)).toEqual({ state: 'claimed', lastTry: false });
    expect(await send(mine)).toEqual({ refreshToken: `refresh-${name}`, ...app });
    expect(await send(mine)).toBeUndefined();
    expect(await commit(2)).toMatchObject({ committed: true, generation: 2 });
    expect(await current()).toMatchObject({ generation: 2, state: 'live', accessToken: 'access-2', refreshable: true });
    expect(await ask(intent())).toEqual({ state: 'newer', generation: 2 });
  });

  it('that brings no new refresh token leaves the old one', async () => {
    const mine = intent();
    await ask(mine);
    await send(mine);
    const { refreshToken: none, ...access } = pair(2);
    expect(none).toBeDefined();
    await commitRefresh(store.db, store.vault, { grantId, generation: 1, pair: access });
    expect(await current()).toMatchObject({ generation: 2, accessToken: 'access-2', refreshable: true });
    const next = intent(2);
    expect(await ask(next)).toEqual({ state: 'claimed', lastTry: false });
    expect(await send(next)).toMatchObject({ refreshToken: `refresh-${name}` });
  });

  it('of a tenant that is being erased, or of a grant that is gone, counts as revoked: its pair is of no use', async () => {
    const { tenantId } = await ensureTenant(store.db, `erased-${name}`);
    const rest = { accessToken: 'a', refreshToken: 'r' };
    const gone = (await ensureConnection(store.db, store.vault, { tenantId, name, rest, app })).rest!.grantId;
    const late = () => commitRefresh(store.db, store.vault, { grantId: gone, generation: 1, pair: pair(2) });
    await store.db.query('update miro.tenants set data_key = null, erased_at = now() where id = $1', [tenantId]);
    expect(await late()).toMatchObject({ committed: false, state: 'revoked' });
    await store.db.query('delete from miro.connections where tenant_id = $1', [tenantId]);
    await store.db.query('delete from miro.grants where tenant_id = $1', [tenantId]);
    expect(await late()).toMatchObject({ committed: false, state: 'revoked' });
  });

  it('is claimed by one of many at once', async () => {
    const claims = await Promise.all(Array.from({ length: 8 }, () => ask(intent())));
    expect(claims.map(({ state }) => state).sort()).toEqual([...Array.from({ length: 7 }, () => 'busy'), 'claimed']);
  });

  it('may be taken over any number of times while nothing was sent', async () => {
    for (let taken = 0; taken < 4; taken++) {
      const killed = intent();
      expect(await ask(killed)).toEqual({ state: 'claimed', lastTry: false });
      await expire();
      expect(await send(killed)).toBeUndefined();
    }
  });

  it('is free at once after it surely did not arrive', async () => {
    const mine = intent();
    await ask(mine);
    await send(mine);
    await releaseRefresh(store.db, mine);
    expect(await ask(intent())).toEqual({ state: 'claimed', lastTry: false });
  });

  it('is not released by somebody else', async () => {
    const mine = intent();
    await ask(mine);
    await releaseRefresh(store.db, intent());
    await lostRefresh(store.db, intent());
    expect((await ask(intent())).state).toBe('busy');
  });

  it('is refused to a token that cannot be refreshed', async () => {
    const rest = { accessToken: 'static' };
    const made = await ensureConnection(store.db, store.vault, {
      tenantId: store.tenantId,
      name: `static-${name}`,
      rest,
    });
    expect(await ask({ ...intent(), grantId: made.rest!.grantId })).toMatchObject({ state: 'dead' });
  });
});

describe('a lost answer', () => {
  it('leaves one last try, then needs a relink', async () => {
    await sentAndLost();
    const last = intent();
    expect(await ask(last)).toEqual({ state: 'claimed', lastTry: true });
    await send(last);
    await lostRefresh(store.db, last);
    expect(await ask(intent())).toMatchObject({ state: 'dead' });
    expect((await current()).state).toBe('needs_relink');
  });

  it('needs a relink too when the last try was killed', async () => {
    await sentAndLost();
    const last = intent();
    await ask(last);
    await send(last);
    await expire();
    expect(await ask(intent())).toMatchObject({ state: 'dead' });
  });

  it('keeps the last try for the next one when its owner was killed before sending', async () => {
    await sentAndLost();
    await ask(intent());
    await expire();
    expect(await ask(intent())).toEqual({ state: 'claimed', lastTry: true });
  });

  it('that comes late is committed, and the last try finds a newer generation', async () => {
    await sentAndLost();
    const last = intent();
    await ask(last);
    expect(await commit(2)).toMatchObject({ committed: true, generation: 2 });
    expect(await send(last)).toBeUndefined();
    expect(await refuseRefresh(store.db, { ...last, reason: 'invalid' })).toEqual({ state: 'newer', generation: 2 });
    expect(await current()).toMatchObject({ generation: 2, state: 'live' });
  });
});

describe('a refusal', () => {
  it('needs a relink', async () => {
    const mine = intent();
    await ask(mine);
    await send(mine);
    expect(await refuseRefresh(store.db, { ...mine, reason: 'invalid refresh token' })).toEqual({
      state: 'needs_relink',
    });
    expect(await ask(intent())).toEqual({ state: 'dead', reason: 'invalid refresh token' });
    expect((await findConnection(store.db, { tenantId: store.tenantId, name }))?.rest).toMatchObject({
      state: 'needs_relink',
    });
  });

  it('is undone by a pair that arrives late, which wakes the parked runs', async () => {
    const mine = await sentAndLost();
    await refuseRefresh(store.db, { ...mine, reason: 'invalid' });
    const parking = {
      tenantId: store.tenantId,
      connectionName: name,
      grantId,
      generation: 1,
      workflowId: name,
      runId: 'run',
    };
    expect(await park(store.db, parking)).toEqual({ parked: true });
    expect(await commit(2)).toMatchObject({ committed: true, generation: 2 });
    const woken = (await takeOutbox(store.db, { kind: 'relinked', limit: 100, leaseMs: 1 })).filter(
      ({ payload }) => payload.workflowId === name,
    );
    expect(woken.map(({ payload }) => payload)).toEqual([{ workflowId: name, grantId, generation: 2 }]);
  });
});

it('commits one pair of a generation, whoever comes first', async () => {
  const committed = await Promise.all([2, 3, 4].map((number) => commit(number)));
  expect(committed.filter(({ committed: won }) => won)).toHaveLength(1);
  expect(committed.map(({ generation }) => generation)).toEqual([2, 2, 2]);
});

it('marks no newer generation as dead', async () => {
  await commit(2);
  expect(await markNeedsRelink(store.db, { grantId, generation: 1, reason: '401' })).toBe(false);
  expect((await current()).state).toBe('live');
});
