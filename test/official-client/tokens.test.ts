import { Miro, MiroLowlevelApi } from '@mirohq/miro-api';
import { expect, it } from 'vitest';
import { refused, statusOf, useOfficialClient } from './client.js';

const { api, sim, send, state } = useOfficialClient();

async function grants(): Promise<{ accessToken: string; revokedAt: string | null }[]> {
  return (await state())['grants'] as unknown as { accessToken: string; revokedAt: string | null }[];
}

it('tokenInfo tells whose token it is, for which team, with which scopes', async () => {
  const { body } = await api().tokenInfo();
  expect(body).toMatchObject({ type: 'oauth-token', team: { id: sim().teamId }, organization: { id: sim().orgId } });
  expect(body.scopes).toContain('boards:write');
});

it('revokeToken ends a token for good', async () => {
  await api().revokeToken(sim().accessToken);
  expect((await grants())[0]!.revokedAt).not.toBeNull();
  await expect(api().getBoards()).rejects.toEqual(refused(401));
});

it('revokeTokenV2 wants the secret of the app', async () => {
  const { accessToken, clientId, clientSecret } = sim();
  const wrong = { accessToken, clientId, clientSecret: 'wrong' };
  await expect(api().revokeTokenV2(wrong)).rejects.toEqual(refused(404));
  await api().revokeTokenV2({ accessToken, clientId, clientSecret });
  await expect(api().getBoards()).rejects.toEqual(refused(401));
});

it('call sends anything else', async () => {
  const answer = await api().call('GET', '/v2/boards?limit=1');
  expect(statusOf(answer)).toBe(200);
  expect(answer.body).toMatchObject({ limit: 1, size: 1, type: 'list' });
});

it('a token may come from a function, asked anew for each call', async () => {
  const tokens = ['unknown', sim().accessToken];
  const client = new MiroLowlevelApi(() => Promise.resolve(tokens.shift()!), sim().url);
  await expect(client.getBoards()).rejects.toEqual(refused(401));
  expect(statusOf(await client.getBoards())).toBe(200);
});

it('Miro.getAuthUrl leads to a page on which a person can choose', async () => {
  const { url, clientId, clientSecret, teamId } = sim();
  const redirectUrl = 'http://127.0.0.1:3000/callback';
  const miro = new Miro({ clientId, clientSecret, redirectUrl, basePath: url, storage: storage() });
  const page = await fetch(miro.getAuthUrl('some state', teamId));
  expect(page.status).toBe(200);
  expect(await page.text()).toContain('some state');
});

it('Miro.isAuthorized, Miro.as and Miro.revokeToken work with the token in the storage', async () => {
  const { url, clientId, clientSecret, accessToken } = sim();
  const app = { clientId, clientSecret, redirectUrl: 'http://127.0.0.1:3000/callback', basePath: url };
  const miro = new Miro({ ...app, storage: storage({ userId: 'me', accessToken }) });
  expect(await miro.isAuthorized('me')).toBe(true);
  expect(await miro.getAccessToken('me')).toBe(accessToken);
  const board = await miro.as('me').createBoard({ name: 'By the high-level client' });
  expect((await send('GET', `/v2/boards/${encodeURIComponent(board.id)}`)).body['name']).toBe(board.name);
  await miro.revokeToken('me');
  expect(await miro.isAuthorized('me')).toBe(false);
  await expect(api().getBoards()).rejects.toEqual(refused(401));
});

interface Stored {
  userId: string;
  accessToken: string;
}
function storage(kept?: Stored) {
  let state = kept;
  return { get: () => Promise.resolve(state), set: (_user: unknown, next?: unknown) => void (state = next as Stored) };
}
