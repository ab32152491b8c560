import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createMiro, type Miro } from '../../miro/index.js';
import { createSimulator, type RunningSimulator } from '../../simulator/app.js';
import {
  attachScim,
  beginRevoke,
  ensureConnection,
  findConnection,
  linkAccount,
  type Connection,
} from '../../store/connections.js';
import { openDb, type Db } from '../../store/db.js';
import { readToken } from '../../store/grants.js';
import { ensureTenant } from '../../store/tenants.js';
import { newVaultKeys, openVault } from '../../store/vault.js';
import { linkFirstConnection, type FirstToken } from '../../workers/first-connection.js';
import { createTestDatabase, type TestDatabase } from '../harness.js';

const vault = openVault(newVaultKeys());
let simulator: RunningSimulator;
let miro: Miro;
beforeAll(async () => {
  simulator = await createSimulator({ seed: 9 }).start();
  miro = createMiro({ baseUrl: simulator.url });
});
afterAll(async () => {
  await miro.close();
  await simulator.close();
});

const apps: { db: Db; database: TestDatabase }[] = [];
afterAll(async () => {
  for (const { db, database } of apps) {
    await db.close();
    await database.drop();
  }
});

/** A new installation that a worker starts in with each of `tokens` in turn. @returns the connection after the last */
async function startedWith(
  ...tokens: FirstToken[]
): Promise<{ db: Db; connection: Connection | undefined; said: string[] }> {
  const database = await createTestDatabase();
  const db = openDb({ url: database.url });
  apps.push({ db, database });
  const said: string[] = [];
  const log = (line: string): void => void said.push(line);
  for (const token of tokens) await linkFirstConnection({ db, vault, miro, readMs: 5_000, log }, token);
  const { tenantId } = await ensureTenant(db, 'default');
  return { db, connection: await findConnection(db, { tenantId, name: 'default' }), said };
}

const pairOf = ({ accessToken, refreshToken: token, clientId, clientSecret }: RunningSimulator): FirstToken => ({
  accessToken,
  refreshToken: token,
  app: { clientId, clientSecret },
});

it('links a static token with what Miro says about it', async () => {
  const { connection } = await startedWith({ accessToken: simulator.accessToken });
  expect(connection?.rest).toMatchObject({
    state: 'live',
    generation: 1,
    refreshable: false,
    teamId: simulator.teamId,
    orgId: simulator.orgId,
  });
  expect(connection?.rest?.scopes).toContain('boards:write');
});

it('links a SCIM token beside it, or alone', async () => {
  const { accessToken, scimToken, orgId } = simulator;
  const both = (await startedWith({ accessToken, scimToken }, { accessToken, scimToken })).connection;
  expect(both).toMatchObject({ rest: { generation: 1 }, scim: { kind: 'scim', state: 'live', generation: 1, orgId } });
  expect((await startedWith({ scimToken })).connection).toMatchObject({ scim: { generation: 1 } });
  expect((await startedWith({ scimToken }, { scimToken: 'new one' })).connection?.scim?.generation).toBe(2);
});

it('makes no connection without a token', async () => {
  expect((await startedWith({})).connection).toBeUndefined();
});

it('changes nothing when a worker starts again with the same token, and takes another one for the next generation', async () => {
  const token = { accessToken: simulator.accessToken };
  expect((await startedWith(token, token)).connection?.rest?.generation).toBe(1);
  const { connection, said } = await startedWith(token, { accessToken: 'another-token' });
  expect(connection?.rest?.generation).toBe(2);
  expect(said[0]).toMatch(/^MIRO_ACCESS_TOKEN could not be checked: .*(?:401|400)/);
});

it('never puts an old pair of the environment over the newer one that came of it', async () => {
  const pair = pairOf(simulator);
  const { db, connection } = await startedWith(pair);
  const grantId = connection?.rest?.grantId ?? '';
  expect(connection?.rest).toMatchObject({ generation: 1, refreshable: true });

  const { generation } = await readToken(db, vault, grantId);
  await db.query(`update miro.grants set generation = generation + 1 where id = $1`, [grantId]); // as a refresh does
  await linkFirstConnection({ db, vault, miro, readMs: 5_000, log: () => undefined }, pair);
  expect((await readToken(db, vault, grantId)).generation).toBe(generation + 1);
});

describe('a token of the environment that was linked before', () => {
  const ACCEPTED = { otherUser: true, fewerScopes: true };
  const SAID = (variable: string) => [`${variable} was replaced by a later link of default, or revoked; unset it`];
  const person = { userId: 'somebody else', teamId: 'team', scopes: ['boards:read'] };

  /** The worker starts with `token`, `meanwhile` happens, and it starts again. */
  async function restarted(
    token: FirstToken,
    meanwhile: (db: Db, tenantId: string) => Promise<unknown>,
  ): Promise<{ before: Connection | undefined; after: Connection | undefined; said: string[] }> {
    const { db } = await startedWith(token);
    const { tenantId } = await ensureTenant(db, 'default');
    await meanwhile(db, tenantId);
    const find = () => findConnection(db, { tenantId, name: 'default' });
    const before = await find();
    const said: string[] = [];
    await linkFirstConnection({ db, vault, miro, readMs: 5_000, log: (line) => said.push(line) }, token);
    return { before, after: await find(), said };
  }
  const relinked = (db: Db, tenantId: string) =>
    linkAccount(db, vault, {
      ...{ tenantId, name: 'default', accept: ACCEPTED, app: { clientId: 'app', clientSecret: 'secret' } },
      rest: { accessToken: 'newer', refreshToken: 'newer refresh token', facts: person },
    });

  it.each([
    { what: 'a static token', variable: 'MIRO_ACCESS_TOKEN', token: () => ({ accessToken: simulator.accessToken }) },
    { what: 'a pair', variable: 'MIRO_REFRESH_TOKEN', token: () => pairOf(simulator) },
  ])('does not take the connection back from who relinked it: $what', async ({ variable, token }) => {
    const { before, after, said } = await restarted(token(), relinked);
    expect(before?.rest?.miroUserId).toBe('somebody else');
    expect(after).toEqual(before);
    expect(said).toEqual(SAID(variable));
  });

  it('does not take the place of another static token that was attached since', async () => {
    const { before, after, said } = await restarted({ accessToken: 'first' }, (db, tenantId) =>
      ensureConnection(db, vault, { tenantId, name: 'default', rest: { accessToken: 'second' } }),
    );
    expect(before?.rest?.generation).toBe(2);
    expect(after).toEqual(before);
    expect(said).toContain(SAID('MIRO_ACCESS_TOKEN')[0]);
  });

  it('does not take the place of a SCIM token that was attached since', async () => {
    const { before, after, said } = await restarted({ scimToken: 'first' }, (db, tenantId) =>
      attachScim(db, vault, { tenantId, name: 'default', scimToken: 'second' }),
    );
    expect(before?.scim?.generation).toBe(2);
    expect(after).toEqual(before);
    expect(said).toEqual(SAID('MIRO_SCIM_TOKEN'));
  });

  it('stays revoked, if it was revoked', async () => {
    const { accessToken, scimToken } = simulator;
    const { before, after, said } = await restarted({ accessToken, scimToken }, (db, tenantId) =>
      beginRevoke(db, vault, { tenantId, name: 'default' }),
    );
    expect(after).toMatchObject({ rest: { state: 'revoked' }, scim: { state: 'revoked' } });
    expect(after).toEqual(before);
    expect(said).toEqual([...SAID('MIRO_ACCESS_TOKEN'), ...SAID('MIRO_SCIM_TOKEN')]);
  });
});
