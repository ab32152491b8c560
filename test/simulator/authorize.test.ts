import { describe, expect, it } from 'vitest';
import { act, useSimulator } from './miro.js';

const { sim, send } = useSimulator();
const redirectUri = 'http://127.0.0.1:3000/callback';

const link = (more: Record<string, string> = {}): string => {
  const query = { response_type: 'code', client_id: sim().clientId, redirect_uri: redirectUri, state: 's&1', ...more };
  return `${sim().url}/oauth/authorize?${new URLSearchParams(query).toString()}`;
};

/** Presses a button of the page, with the fields that a browser would send. */
async function press(page: string, decision: 'allow' | 'deny', chosen: Record<string, string> = {}): Promise<Response> {
  const hidden = [...page.matchAll(/<input type="hidden" name="(\w+)" value="([^"]*)"/g)];
  const selects = [...page.matchAll(/<select name="(\w+)">.*?<option value="(\d+)"/g)];
  const fields: Record<string, string> = {};
  for (const [, name, value] of [...hidden, ...selects]) fields[name!] = value!.replace('&amp;', '&');
  const body = new URLSearchParams({ ...fields, ...chosen, decision });
  return fetch(`${sim().url}/oauth/authorize`, { method: 'POST', body, redirect: 'manual' });
}

describe('the authorize page', () => {
  it('lets a person allow the app; the code can be exchanged for tokens of that person and team', async () => {
    const page = await (await fetch(link())).text();
    expect(page).toContain('<button name="decision" value="allow"');
    const answer = await press(page, 'allow', { team_id: sim().teamId });
    expect(answer.status).toBe(302);
    const target = new URL(answer.headers.get('location')!);
    expect(`${target.origin}${target.pathname}`).toBe(redirectUri);
    expect(target.searchParams.get('state')).toBe('s&1');
    const body = new URLSearchParams({
      grant_type: 'authorization_code',
      client_id: sim().clientId,
      client_secret: sim().clientSecret,
      redirect_uri: redirectUri,
      code: target.searchParams.get('code')!,
    });
    const tokens = await fetch(`${sim().url}/v1/oauth/token`, { method: 'POST', body });
    expect(await tokens.json()).toMatchObject({ team_id: sim().teamId, token_type: 'bearer' });
  });

  it('sends a refusal back to the app', async () => {
    const page = await (await fetch(link())).text();
    const { headers } = await press(page, 'deny');
    expect(headers.get('location')).toBe(`${redirectUri}?error=access_denied&state=s%261`);
  });

  it('never follows an address that is not registered exactly', async () => {
    for (const bad of [`${redirectUri}/`, `${redirectUri}?x=1`, 'https://evil.example/']) {
      const answer = await fetch(link({ redirect_uri: bad }), { redirect: 'manual' });
      expect(answer.status).toBe(400);
      expect(answer.headers.get('location')).toBeNull();
    }
  });

  it('gives tokens without end and without refresh to apps that were made so', async () => {
    const app = await act(send, { do: 'create-app', name: 'Forever', expiring: false });
    const { body } = await act(send, { do: 'link-app', clientId: app.body['clientId'] });
    expect(body).not.toHaveProperty('refreshToken');
    await send('POST', '/_sim/clock', { advanceMs: 90 * 24 * 3_600_000 });
    expect((await send('GET', '/v2/boards', undefined, { token: body['accessToken']! })).status).toBe(200);
  });

  it('ends every grant of a team when the app is uninstalled', async () => {
    const token = (await act(send, { do: 'link-app', as: 'ben@nordlicht.example' })).body['accessToken']!;
    await act(send, { do: 'uninstall-app' });
    expect((await send('GET', '/v2/boards', undefined, { token })).status).toBe(401);
  });
});

describe('oEmbed', () => {
  it('embeds a board view-only, as JSON and as XML', async () => {
    const state = await send('GET', '/_sim/state');
    const board = (state.body['boards'] as unknown as { name: string; viewLink: string }[])[0]!;
    const url = encodeURIComponent(board.viewLink);
    const embed = await send('GET', `/api/v1/oembed?url=${url}&maxwidth=400`, undefined, { token: null });
    expect(embed.body).toMatchObject({ version: '1.0', type: 'rich', title: board.name, width: 400 });
    expect(embed.body['html']).toContain('/app/live-embed/');
    const xml = await send('GET', `/api/v1/oembed?url=${url}&format=xml`, undefined, { token: null });
    expect(xml.headers.get('content-type')).toContain('text/xml');
    expect((await send('GET', `/api/v1/oembed?url=${url}&format=yaml`)).status).toBe(406);
    expect((await send('GET', '/api/v1/oembed?url=https%3A%2F%2Fmiro.com%2Fapp%2Fboard%2Fnone')).status).toBe(404);
  });
});
