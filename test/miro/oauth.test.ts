import { Agent } from 'undici';
import { afterAll, describe, expect, it } from 'vitest';
import { authorizeUrl, exchangeCode, MiroError, oauth, refreshToken, revoke } from '../../miro/index.js';
import { fakeMiro, jsonMiro, sendTo } from './fake-miro.js';
import type { FakeMiro } from './fake-miro.js';

const dispatcher = new Agent();
afterAll(() => dispatcher.destroy());
const optionsFor = (server: FakeMiro) => ({
  dispatcher,
  baseUrl: server.url,
  clientId: '3458764',
  clientSecret: 'client-secret-1',
  deadlineMs: 5_000,
});
const PAIR = {
  token_type: 'bearer',
  access_token: 'access-2',
  refresh_token: 'refresh-2',
  expires_in: 3599,
  scope: 'boards:read boards:write',
  user_id: 3458764517517819001n,
  team_id: '30744573',
};
const pairText = JSON.stringify(PAIR, (_, value: unknown) => (typeof value === 'bigint' ? 'BIG' : value)).replace(
  '"BIG"',
  String(PAIR.user_id),
);

describe('an exchange of tokens', () => {
  it('sends a form without a bearer, and reads the pair', async () => {
    const server = await fakeMiro((_, response) => void response.end(pairText));
    const pair = await refreshToken({ ...optionsFor(server), refreshToken: 'refresh 1/+' });
    await server.close();
    expect(pair).toEqual({
      accessToken: 'access-2',
      refreshToken: 'refresh-2',
      expiresInMs: 3_599_000,
      scopes: ['boards:read', 'boards:write'],
      userId: '3458764517517819001',
      teamId: '30744573',
    });
    const [sent] = server.requests;
    expect(sent).toMatchObject({ method: 'POST', url: '/v1/oauth/token' });
    expect(sent?.headers).not.toHaveProperty('authorization');
    expect(sent?.headers['content-type']).toMatch(/^application\/x-www-form-urlencoded/);
    expect(Object.fromEntries(new URLSearchParams(sent?.body))).toEqual({
      grant_type: 'refresh_token',
      refresh_token: 'refresh 1/+',
      client_id: '3458764',
      client_secret: 'client-secret-1',
    });
  });

  it('has no refresh token and no end with an app that does not expire', async () => {
    const server = await jsonMiro(200, { access_token: 'a', user_id: '1', team_id: '2' });
    const pair = await exchangeCode({ ...optionsFor(server), code: 'c', redirectUri: 'https://x.de/back' });
    await server.close();
    expect(pair).toEqual({ accessToken: 'a', scopes: [], userId: '1', teamId: '2' });
  });

  it.each([
    [401, { status: 401, code: 'oauthError', message: 'Invalid authorization code', type: 'error' }, 'oauthError'],
    [400, { error: 'invalid_grant', error_description: 'Refresh token is dead' }, 'invalid_grant'],
  ])('is refused as unauthorized, nothing written, by a %i', async (status, body, code) => {
    const server = await jsonMiro(status, body);
    const exchange = refreshToken({ ...optionsFor(server), refreshToken: 'refresh-1' });
    await expect(exchange).rejects.toMatchObject({ kind: 'unauthorized', written: 'no', code });
    await server.close();
  });

  it('that got no answer may have cost the grant', async () => {
    const server = await fakeMiro((request) => request.socket.destroy());
    const exchange = refreshToken({ ...optionsFor(server), refreshToken: 'refresh-1' });
    await expect(exchange).rejects.toMatchObject({ kind: 'unavailable', written: 'unknown' });
    await server.close();
  });

  it('leaks none of its secrets into an error', async () => {
    const message = 'No: client-secret-1 refresh-1 code-1';
    const server = await jsonMiro(400, { type: 'error', message });
    const failures = [
      refreshToken({ ...optionsFor(server), refreshToken: 'refresh-1' }),
      exchangeCode({ ...optionsFor(server), code: 'code-1', redirectUri: 'https://x.de' }),
      revoke({ ...optionsFor(server), accessToken: 'refresh-1' }),
    ].map((sent) =>
      sent.then(
        () => undefined,
        (error: unknown) => error,
      ),
    );
    const [refreshed, exchanged, revoked] = await Promise.all(failures);
    await server.close();
    for (const error of [refreshed, exchanged, revoked]) expect(error).toBeInstanceOf(MiroError);
    expect(String(refreshed)).not.toMatch(/client-secret-1|refresh-1/);
    expect(String(exchanged)).not.toMatch(/client-secret-1|code-1/);
    expect(String(revoked)).not.toMatch(/client-secret-1|refresh-1/);
  });
});

it('revokes a token by a body, not by an address', async () => {
  const server = await fakeMiro((_, response) => void response.writeHead(204).end());
  await revoke({ ...optionsFor(server), accessToken: 'access-1' });
  await server.close();
  expect(server.requests).toMatchObject([{ method: 'POST', url: '/v2/oauth/revoke' }]);
  expect(JSON.parse(server.requests[0]?.body ?? '')).toEqual({
    accessToken: 'access-1',
    clientId: '3458764',
    clientSecret: 'client-secret-1',
  });
});

describe('introspection', () => {
  it('reads user, team, organisation and scopes, and costs nothing', async () => {
    const answer = {
      type: 'access_token',
      user: { id: 7, name: 'Ada' },
      team: { id: '8', name: 'T' },
      scopes: ['boards:read'],
    };
    const { value, answers } = await sendTo(await jsonMiro(200, answer), oauth.introspect());
    expect(value).toMatchObject({ user: { id: '7' }, team: { id: '8' }, scopes: ['boards:read'] });
    expect(value?.organization).toBeUndefined();
    expect(answers).toMatchObject([{ credits: 0, operation: 'token-info' }]);
  });

  it('takes its 400 for what it is: an invalid token', async () => {
    const { error } = await sendTo(await jsonMiro(400, { message: 'Invalid token' }), oauth.introspect());
    expect(error).toMatchObject({ kind: 'unauthorized' });
  });
});

it('makes the address where a person grants access', () => {
  const query = { clientId: '1', redirectUri: 'https://x.de/back?a=b', state: 's&t' };
  expect(authorizeUrl('https://miro.com/', query)).toBe(
    'https://miro.com/oauth/authorize?response_type=code&client_id=1&redirect_uri=https%3A%2F%2Fx.de%2Fback%3Fa%3Db&state=s%26t',
  );
});
