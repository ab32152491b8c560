import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ensureConnection, linkAccount, type Accepted, type GrantFacts } from '../../store/connections.js';
import { startRelay, type Relay } from '../../workers/relay.js';
import { retro, startStack, type Stack } from '../stack.js';
import { ask, finished, pictureOf, theBoard } from './boards.js';
import { until } from './until.js';

let stack: Stack;
let relay: Relay;
beforeAll(async () => {
  stack = await startStack();
  relay = startRelay({ db: stack.db, client: stack.temporal, taskQueue: stack.taskQueue, log: () => undefined });
  await stack.work();
});
afterAll(async () => {
  await relay.stop();
  await stack.close();
});

interface Grant {
  accessToken: string;
  refreshToken: string;
}

/** As if a person clicked "Allow" anew. */
const linkApp = async () => (await stack.sim('act', { do: 'link-app' })) as Grant;
const link = (rest: { accessToken: string; facts?: GrantFacts } | (Grant & { expiresInMs: number })) => {
  const { clientId, clientSecret } = stack.simulator;
  const { db, vault, tenantId } = stack;
  const app = 'refreshToken' in rest ? { app: { clientId, clientSecret } } : {};
  return ensureConnection(db, vault, { tenantId, name: 'default', rest, ...app });
};
const requests = async () => (await stack.sim('requests')) as { path: string; status: number | null }[];

describe('a dead token', () => {
  it('parks the run; after a relink it goes on where it stood', async () => {
    const connectors = { path: '/v2/boards/*/connectors' };
    await stack.sim('faults', [{ match: connectors, fault: 'slow', delayMs: 100 }], 'PUT');
    const { handle } = await ask(stack, retro('park', { name: 'Park' }));
    await until(async () => (await theBoard(stack, 'Park')).items.length > 0);
    await stack.sim('act', { do: 'kill-token' });
    const parked = await until(async () => {
      const now = await handle.status();
      return now.state === 'parked' && now;
    });
    expect(parked).toMatchObject({ phase: 'content', waiting: { for: 'relink' } });
    const boardId = parked.board?.boardId;

    // a new caller is told at once what the other one waits for
    expect(await stack.miro.provisionBoard(retro('park:2', { name: 'Park 2' }), { waitMs: 3_000 })).toMatchObject({
      state: 'parked',
      accepted: true,
    });
    expect(await ask(stack, retro('park', { name: 'Park' }))).toMatchObject({ state: 'ready', boardId });

    await stack.sim('faults', [], 'PUT');
    const { accessToken } = await linkApp();
    await link({ accessToken });
    expect(await handle.result()).toMatchObject({ ending: 'done', boardId, counts: { made: 12 } });
    expect((await stack.miro.job({ key: 'park:2' }).result()).ending).toBe('done');
    expect({ ...pictureOf(await theBoard(stack, 'Park')), name: '', description: '' }).toMatchObject({
      connectors: [{}],
      tags: ['important'],
    });
    expect((await handle.status()).state).toBe('done');
    expect(await stack.db.query('select from miro.parked')).toEqual([]);
  });

  it('lets a parked run be cancelled', async () => {
    await stack.sim('act', { do: 'kill-token' });
    const request = retro('park:3', { name: 'Park 3' });
    const { handle } = await stack.miro.provisionBoard(request, { waitMs: 2_000 });
    await until(async () => (await handle.status()).state === 'parked');
    await handle.cancel();
    expect(await handle.result()).toMatchObject({ ending: 'cancelled', error: { type: 'Job.cancelled' } });
    expect(await stack.db.query('select from miro.parked')).toEqual([]);
    const { accessToken } = await linkApp();
    await link({ accessToken });
  });

  it('parks on a token that was never good, and is woken at once by a link to another account', async () => {
    await link({ accessToken: 'never-good' });
    const request = retro('park:4', { name: 'Park 4' });
    const { handle, state } = await stack.miro.provisionBoard(request, { waitMs: 3_000 });
    expect(state).toBe('parked');

    const as = 'ben@nordlicht.example';
    const ben = (await stack.sim('act', { do: 'link-app', as })) as Grant & { userId: string; teamId: string };
    const facts = { userId: ben.userId, teamId: ben.teamId, scopes: [] };
    await link({ accessToken: ben.accessToken, facts });
    expect(await handle.result()).toMatchObject({ ending: 'done', counts: { made: 12 } });
    await link({ accessToken: (await linkApp()).accessToken });
  });
});

describe('a relink by another user', () => {
  it('that is refused leaves the run parked; accepted, it goes on', async () => {
    const { db, vault, tenantId } = stack;
    const { accessToken, userId, teamId, scopes } = (await linkApp()) as Grant & GrantFacts;
    await link({ accessToken, facts: { userId, teamId, scopes } });
    await stack.sim('act', { do: 'kill-token' });
    const { handle } = await stack.miro.provisionBoard(retro('park:5', { name: 'Park 5' }), { waitMs: 2_000 });
    const parked = await until(async () => {
      const now = await handle.status();
      return now.state === 'parked' && now;
    });
    const { relinkUrl = '' } = parked.waiting ?? {};
    expect(relinkUrl).toMatch(/^https:\/\/[^/]+\/relink\/[\w.-]+$/);
    expect(parked.waiting).toMatchObject({ for: 'relink' });
    expect(parked.waiting?.detail).toContain(`; open ${relinkUrl}`);

    const as = 'ben@nordlicht.example';
    const ben = (await stack.sim('act', { do: 'link-app', as })) as Grant & { userId: string; teamId: string };
    const facts = { userId: ben.userId, teamId: ben.teamId, scopes: ['boards:read', 'boards:write'] };
    const asBen = (accept: Accepted) =>
      linkAccount(db, vault, {
        ...{ tenantId, name: 'default', accept },
        rest: { accessToken: ben.accessToken, facts },
      });
    expect(await asBen({})).toEqual({ state: 'refused', reason: 'other_user' });
    expect(await db.query('select from miro.outbox')).toEqual([]);
    expect((await handle.status()).state).toBe('parked');
    expect(await asBen({ otherUser: true, fewerScopes: true })).toMatchObject({ state: 'linked' });
    expect(await handle.result()).toMatchObject({ ending: 'done', counts: { made: 12 } });
    await link({ accessToken: (await linkApp()).accessToken });
  });
});

describe('a token that expires', () => {
  it('is refreshed once in the middle of a job, which does not notice', async () => {
    await link({ ...(await linkApp()), expiresInMs: 3_600_000 });
    const { handle } = await ask(stack, retro('expired', { name: 'Expired' }));
    await stack.sim('act', { do: 'kill-token', which: 'access' });
    expect(await handle.result()).toMatchObject({ ending: 'done', counts: { made: 12 } });
    const exchanges = (await requests()).filter(({ path }) => path === '/v1/oauth/token');
    expect(exchanges.map(({ status }) => status)).toEqual([200]);
    expect((await finished(stack, retro('expired', { name: 'Expired' }))).answer).toMatchObject({ state: 'ready' });
  });
});
