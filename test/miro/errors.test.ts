import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { boards, items, MiroError, restToken, scimToken, tags } from '../../miro/index.js';
import { fakeMiro, jsonMiro, sendTo, token } from './fake-miro.js';

const BOARD_ID = 'uXjVOD6LSME=';

describe('the error for a refusal', () => {
  it('names method, template, status, code, what is wrong with which field, and the request', async () => {
    const refusal = {
      type: 'error',
      code: '2.0703',
      context: { fields: [{ field: 'metadata', message: 'Field [metadata] is not supported' }] },
      message: 'Invalid parameters',
      status: 400,
    };
    const server = await jsonMiro(400, refusal, { 'x-request-id': 'abc-1' });
    const { error } = await sendTo(server, items.createBulk(BOARD_ID, [{ type: 'text' }]));
    expect(error).toMatchObject({
      message:
        'POST /v2/boards/{board_id}/items/bulk answered 400 (2.0703): Invalid parameters ' +
        '[metadata: Field [metadata] is not supported] (request abc-1)',
      status: 400,
      code: '2.0703',
      requestId: 'abc-1',
      fields: refusal.context.fields,
      detail: 'Invalid parameters',
    });
  });

  it('reads a code that is a number, and a context that is something else than usual', async () => {
    const server = await jsonMiro(404, { status: '404', code: 3.0201, message: 'Item not found', context: 'none' });
    const { error } = await sendTo(server, boards.get(BOARD_ID));
    expect(error).toMatchObject({ kind: 'not_found', code: '3.0201' });
  });

  it('says how long to wait: Retry-After, else the end of the window', async () => {
    const body = { type: 'error', status: 429, code: 'tooManyRequests', message: 'Slow down' };
    const asked = await sendTo(await jsonMiro(429, body, { 'retry-after': '3' }), boards.get(BOARD_ID));
    expect(asked.error).toMatchObject({ kind: 'rate_limited', retryAfterMs: 3_000 });
    const inAnHour = String(Math.round(Date.now() / 1000) + 3_600);
    const derived = await sendTo(await jsonMiro(429, body, { 'x-ratelimit-reset': inAnHour }), boards.get(BOARD_ID));
    const waited = (derived.error as MiroError).retryAfterMs;
    expect(waited).toBeGreaterThan(3_590_000);
    expect(waited).toBeLessThanOrEqual(3_602_000);
    expect(derived.answers).toMatchObject([{ status: 429, rateLimit: { resetAtMs: expect.any(Number) as number } }]);
  });

  it('stays one short line whatever Miro says', async () => {
    const server = await jsonMiro(400, { type: 'error', message: `line\n${'😀'.repeat(300)}` });
    const { error } = await sendTo(server, boards.get(BOARD_ID));
    const { detail = '', message } = error as MiroError;
    expect([...detail]).toHaveLength(200);
    expect(() => encodeURIComponent(detail)).not.toThrow();
    expect(message).not.toContain('\n');
  });
});

describe('an error', () => {
  const everythingIn = (error: unknown): string => `${inspect(error, { depth: 9, showHidden: true })}${String(error)}`;

  it('holds no token, not even where the answer quotes it', async () => {
    const message = `Bad ${token} in "Authorization: Bearer abc.def" of ?access_token=xyz`;
    const fields = [{ field: token, message: token }];
    const server = await jsonMiro(400, { type: 'error', code: token, message, context: { fields } });
    const { error } = await sendTo(server, boards.get(BOARD_ID));
    expect(everythingIn(error)).not.toMatch(/token-that-must-not-leak|abc\.def|xyz/);
  });

  it('holds no token and no cause where the connection broke or the answer was unreadable', async () => {
    const cut = await sendTo(await fakeMiro((request) => request.socket.destroy()), boards.get(BOARD_ID));
    const html = await sendTo(await fakeMiro((_, response) => void response.end(`<p>${token}`)), boards.get(BOARD_ID));
    const odd = await sendTo(await jsonMiro(200, { id: { secret: token } }), boards.get(BOARD_ID));
    for (const { error } of [cut, html, odd]) {
      expect(error).toBeInstanceOf(MiroError);
      expect(error).not.toHaveProperty('cause');
      expect(everythingIn(error)).not.toContain(token);
    }
  });

  it('holds no path with ids, also where Miro quotes it', async () => {
    const message = 'No endpoint DELETE /v2/boards/uXjVOD6LSME%3D/tags/12, nor /v2/boards/uXjVOD6LSME=/tags/12';
    const server = await jsonMiro(404, { type: 'error', message });
    const { error } = await sendTo(server, tags.delete(BOARD_ID, '12'));
    expect(everythingIn(error)).not.toContain('uXjVOD6LSME');
  });

  it('says which field of a good answer is missing', async () => {
    const server = await jsonMiro(200, { data: [{ id: '1' }, { name: 'no id' }], total: 2 });
    const { error } = await sendTo(server, boards.list());
    expect(error).toMatchObject({ kind: 'malformed', written: 'no', status: 200 });
    expect((error as MiroError).message).toContain('data.1.id');
  });
});

describe('a token', () => {
  it('is trimmed', () => expect(restToken(' abc \n')).toBe('abc'));

  it.each(['', '  ', 'two words', 'line\nbreak', 'tökén', 'nul\0'])('is refused without being quoted: %j', (text) => {
    for (const make of [restToken, scimToken]) {
      expect(() => make(text)).toThrow(TypeError);
      if (text.trim() !== '') expect(() => make(text)).not.toThrow(text);
    }
  });
});
