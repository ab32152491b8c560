import { describe, expect, it } from 'vitest';
import { act, useSimulator, type Reply } from './miro.js';

const { sim, send } = useSimulator({ tokenTtlMs: 60_000 });

const form = async (fields: Record<string, string>): Promise<{ status: number; body: Record<string, unknown> }> => {
  const { clientId, clientSecret } = sim();
  const body = new URLSearchParams({ client_id: clientId, client_secret: clientSecret, ...fields });
  const response = await fetch(`${sim().url}/v1/oauth/token`, { method: 'POST', body });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
};

const linked = async (): Promise<{ accessToken: string; refreshToken: string; userId: string }> =>
  (await act(send, { do: 'link-app', as: 'ben@nordlicht.example' })).body as unknown as Awaited<
    ReturnType<typeof linked>
  >;
const asToken = (token: string | null): Promise<Reply> => send('GET', '/v2/boards', undefined, { token });

describe('tokens', () => {
  it('answers an absent and a wrong token alike', async () => {
    for (const token of [null, 'wrong']) {
      const { status, body } = await asToken(token);
      expect(status).toBe(401);
      expect(body).toEqual({
        status: 401,
        code: 'tokenNotProvided',
        message: 'No authorization data was found on the request',
        type: 'error',
      });
    }
  });

  it('tells user, team, organisation and scopes of a token', async () => {
    const { body } = await send('GET', '/v1/oauth-token');
    expect(body).toMatchObject({
      organization: { id: sim().orgId },
      team: { id: sim().teamId },
      user: { type: 'user' },
    });
    expect(body['scopes']).toContain('boards:write');
    expect((await send('GET', '/v1/oauth-token', undefined, { token: 'wrong' })).status).toBe(400);
    expect((await send('GET', '/v1/oauth-token', undefined, { token: null })).status).toBe(401);
  });

  it('kills the old pair as soon as a refresh is answered', async () => {
    const { accessToken, refreshToken } = await linked();
    const refreshed = await form({ grant_type: 'refresh_token', refresh_token: refreshToken });
    expect(refreshed).toMatchObject({ status: 200, body: { token_type: 'bearer', expires_in: 60 } });
    expect((await asToken(accessToken)).status).toBe(401);
    expect((await asToken(String(refreshed.body['access_token']))).status).toBe(200);
    const again = await form({ grant_type: 'refresh_token', refresh_token: refreshToken });
    expect(again).toMatchObject({ status: 401, body: { code: 'oauthError', type: 'error' } });
  });

  it('lets an access token expire while its refresh token lives', async () => {
    const { accessToken, refreshToken } = await linked();
    await send('POST', '/_sim/clock', { advanceMs: 60_001 });
    expect((await asToken(accessToken)).status).toBe(401);
    expect((await form({ grant_type: 'refresh_token', refresh_token: refreshToken })).status).toBe(200);
    await send('POST', '/_sim/reset');
  });

  it('exchanges a code once, with exactly its redirect address, within ten minutes', async () => {
    const grant = { grant_type: 'authorization_code' };
    const issue = async (): Promise<{ code: string; redirect_uri: string }> => {
      const { body } = await act(send, { do: 'authorize', as: 'ben@nordlicht.example' });
      return { code: body['code']!, redirect_uri: body['redirectUri']! };
    };
    const first = await issue();
    const mismatch = await form({ ...grant, ...first, redirect_uri: `${first.redirect_uri}/` });
    expect(mismatch).toMatchObject({ status: 401, body: { code: 'oauthError', message: 'Redirect URI mismatch.' } });
    expect(await form({ ...grant, ...first })).toMatchObject({ status: 200, body: { team_id: sim().teamId } });
    expect((await form({ ...grant, ...first })).status).toBe(401);
    const late = await issue();
    await send('POST', '/_sim/clock', { advanceMs: 600_000 });
    expect((await form({ ...grant, ...late })).status).toBe(401);
    await send('POST', '/_sim/reset');
  });

  it('takes the token request from the query too, and refuses a wrong secret', async () => {
    const { clientId, clientSecret } = sim();
    const query = new URLSearchParams({
      grant_type: 'refresh_token',
      refresh_token: (await linked()).refreshToken,
      client_id: clientId,
      client_secret: clientSecret,
    });
    const response = await fetch(`${sim().url}/v1/oauth/token?${query.toString()}`, { method: 'POST' });
    expect(response.status).toBe(200);
    expect((await form({ grant_type: 'refresh_token', client_secret: 'wrong' })).status).toBe(401);
  });

  it('revokes both tokens of a pair and answers 404 for what it does not know', async () => {
    const { accessToken, refreshToken } = await linked();
    const { clientId, clientSecret } = sim();
    const revocation = { accessToken, clientId, clientSecret };
    expect((await send('POST', '/v2/oauth/revoke', revocation, { token: null })).status).toBe(204);
    expect((await send('POST', '/v2/oauth/revoke', revocation, { token: null })).status).toBe(404);
    expect((await asToken(accessToken)).status).toBe(401);
    expect((await form({ grant_type: 'refresh_token', refresh_token: refreshToken })).status).toBe(401);
  });

  it('refuses what the scopes of a token do not hold', async () => {
    const { body } = await act(send, { do: 'link-app', as: 'ben@nordlicht.example', scopes: ['boards:read'] });
    const token = body['accessToken']!;
    expect((await asToken(token)).status).toBe(200);
    const refused = await send('POST', '/v2/boards', {}, { token });
    expect(refused.status).toBe(403);
    expect(refused.text).toContain('boards:write');
  });
});
