/** The fleet-wide look at idle grants: three hundred of them, days later, with a worker killed in the middle. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { attachScim, ensureConnection, findConnection, type GrantFacts } from '../../store/connections.js';
import { ensureTenant } from '../../store/tenants.js';
import { until } from '../provision/until.js';
import { startStack, type Stack } from '../stack.js';

const GRANTS = 300;
const TENANTS = 3;
/** Those whose app the person removes, and those that may do less than at their link. */
const REVOKED = 5;
const FEWER = 3;
/** What four shards have under way, each in four lanes: so many exchanges a kill may interrupt. */
const UNDER_WAY = 16;
const DAY_MS = 86_400_000;

let stack: Stack;
let names: { tenantId: string; name: string }[];
beforeAll(async () => {
  stack = await startStack({ timeScale: 0.1, simulator: { world: `members=${2 * GRANTS},teams=3,boards=3` } });
  const { users } = (await stack.sim('state')) as { users: { id: string; active: boolean }[] };
  const tenants = await Promise.all(Array.from({ length: TENANTS }, (_, n) => ensureTenant(stack.db, `tenant-${n}`)));
  names = [];
  const [, ...people] = users.filter(({ active }) => active);
  for (const [n, { id }] of people.slice(0, GRANTS).entries()) {
    const { tenantId } = tenants[n % TENANTS]!;
    names.push({ tenantId, name: `account-${n}` });
    await link(names[n]!, id, n >= REVOKED && n < REVOKED + FEWER ? ['boards:export'] : []);
    if (n < REVOKED) await stack.sim('act', { do: 'revoke-app', as: id });
  }
}, 240_000);
afterAll(() => stack.close());

async function link(named: { tenantId: string; name: string }, as: string, more: string[]): Promise<void> {
  const { accessToken, refreshToken, ...grant } = (await stack.sim('act', { do: 'link-app', as })) as GrantFacts & {
    accessToken: string;
    refreshToken: string;
  };
  const { clientId, clientSecret } = stack.simulator;
  const facts = { userId: grant.userId, teamId: grant.teamId, scopes: [...grant.scopes, ...more] };
  const rest = { accessToken, refreshToken, expiresInMs: 3_600_000, facts };
  await ensureConnection(stack.db, stack.vault, { ...named, rest, app: { clientId, clientSecret } });
}

/** So much time passes at Miro and for us. */
async function pass(days: number): Promise<void> {
  await stack.sim('clock', { advanceMs: days * DAY_MS });
  await stack.db.query(
    `update miro.grants set token_at = token_at - $1 * interval '1 day', access_expires_at = access_expires_at - $1 * interval '1 day',
       check_after = check_after - $1 * interval '1 day'`,
    [days],
  );
}

const tend = () =>
  stack.temporal.workflow.start('tendGrants', { workflowId: randomUUID(), taskQueue: stack.taskQueue, args: [] });
const exchanges = async (): Promise<number> =>
  ((await stack.sim('requests')) as { path: string }[]).filter(({ path }) => path === '/v1/oauth/token').length;
const count = async (where: string): Promise<number> =>
  (await stack.db.query(`select from miro.grants where refresh_token is not null and ${where}`)).length;
const events = async (type: string): Promise<number> =>
  (await stack.db.query(`select from miro.events where type = $1 and data ->> 'connection' like 'account-%'`, [type]))
    .length;

it('renews each pair once, tells of the dead and of those that may do less, and survives a kill', async () => {
  await pass(10);
  const killed = await stack.spawnWorker();
  const run = await tend();
  await until(async () => (await exchanges()) > 60, 120_000);
  await killed.kill('SIGKILL');
  await stack.work();
  await run.result();
  // What the dead worker had taken is due again soon after.
  await until(async () => {
    await (await tend()).result();
    return (await count(`state = 'live' and check_after <= now() + interval '1 hour'`)) === 0;
  }, 120_000);

  const dead = await count(`state = 'needs_relink'`);
  expect(dead).toBeGreaterThanOrEqual(REVOKED);
  expect(dead).toBeLessThanOrEqual(REVOKED + UNDER_WAY);
  expect(await count(`state = 'live' and generation = 2 and checked_at is not null`)).toBe(GRANTS - dead);
  expect(await events('connection.needs_relink')).toBe(dead);
  expect(await events('connection.scopes_changed')).toBe(FEWER);
  expect(await exchanges()).toBeLessThanOrEqual(GRANTS + UNDER_WAY);
}, 300_000);

it('asks for no new pair a day later, and for one each after a week', async () => {
  const [alive, before] = [await count(`state = 'live'`), await exchanges()];
  await pass(2);
  expect(await (await tend()).result()).toMatchObject({ dead: 0, postponed: 0 });
  expect(await exchanges()).toBe(before);
  await pass(6);
  expect(await (await tend()).result()).toMatchObject({ dead: 0, postponed: 0 });
  expect(await exchanges()).toBe(before + alive);
  expect(await count(`state = 'live' and generation = 3`)).toBe(alive);
}, 300_000);

it('looks at tokens that do not expire too, and one that Miro does not answer for holds up no other', async () => {
  const { tenantId } = await ensureTenant(stack.db, 'tokens');
  const { db, vault, simulator } = stack;
  const { accessToken } = (await stack.sim('act', { do: 'link-app' })) as { accessToken: string };
  await ensureConnection(db, vault, { tenantId, name: 'fine', rest: { accessToken } });
  await ensureConnection(db, vault, { tenantId, name: 'dead', rest: { accessToken: 'never-good' } });
  await attachScim(db, vault, { tenantId, name: 'fine', scimToken: simulator.scimToken });
  await attachScim(db, vault, { tenantId, name: 'dead', scimToken: 'never-good-either', orgId: 'another' });
  await (await tend()).result();
  const states = async (name: string) => {
    const { rest, scim } = (await findConnection(db, { tenantId, name }))!;
    return {
      rest: rest?.state,
      scim: scim?.state,
      looked: [rest, scim].every((grant) => grant?.checkedAt !== undefined),
    };
  };
  expect(await states('fine')).toEqual({ rest: 'live', scim: 'live', looked: true });
  expect(await states('dead')).toEqual({ rest: 'needs_relink', scim: 'needs_relink', looked: false });
  expect((await findConnection(db, { tenantId, name: 'fine' }))?.rest?.names.role).toBe('organization_internal_admin');
}, 120_000);
