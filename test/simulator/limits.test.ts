import { describe, expect, it } from 'vitest';
import { act, newBoard, useSimulator, type Reply } from './miro.js';

const { send } = useSimulator({ creditLimit: 2_000, windowMs: 60_000 });
const remaining = (reply: Reply): number => Number(reply.headers.get('x-ratelimit-remaining'));

describe('credits', () => {
  it('tells limit, remaining and reset on every answer, refusals included', async () => {
    for (const path of ['/v2/boards', '/v2/boards/uXjVAAAAAAA=', '/v2/nothing', '/v2/boards?limit=0']) {
      const { headers } = await send('GET', path);
      expect(headers.get('x-ratelimit-limit')).toBe('2000');
      expect(Number(headers.get('x-ratelimit-remaining'))).toBeLessThanOrEqual(2000);
      expect(headers.get('x-ratelimit-reset')).toMatch(/^\d{10}$/);
      expect(headers.get('date')).toBeTruthy();
    }
  });

  it.each([
    ['GET', '', 50],
    ['GET', '/items', 100],
    ['PATCH', '', 100],
    ['POST', '/tags', 50],
    ['DELETE', '', 500],
  ])('charges %s board%s %i credits', async (method, path, cost) => {
    await send('POST', '/_sim/clock', { advanceMs: 60_000 });
    const board = await newBoard(send);
    const before = remaining(await send('GET', '/v2/boards?limit=1'));
    const body = method === 'PATCH' ? { name: 'n' } : path === '/tags' ? { title: 't' } : undefined;
    expect(before - remaining(await send(method, `${board}${path}`, body))).toBe(cost);
  });

  it('refuses with 429 and writes nothing when the credits are gone, until the window ends', async () => {
    await send('POST', '/_sim/clock', { advanceMs: 60_000 });
    const board = await newBoard(send);
    await act(send, { do: 'drain-credits', leave: 120 });
    expect((await send('POST', `${board}/shapes`, {})).status).toBe(201);
    const refused = await send('POST', `${board}/shapes`, {});
    expect(refused.status).toBe(429);
    expect(refused.body).toMatchObject({ status: 429, code: 'tooManyRequests', type: 'error', context: null });
    expect(remaining(refused)).toBe(20);
    await send('POST', '/_sim/clock', { advanceMs: 60_000 });
    expect((await send('GET', `${board}/items`)).body).toMatchObject({ total: 1 });
  });

  it('keeps one budget per user of an app', async () => {
    const { body } = await act(send, { do: 'link-app', as: 'ben@nordlicht.example' });
    await act(send, { do: 'drain-credits' });
    expect((await send('GET', '/v2/boards')).status).toBe(429);
    expect((await send('GET', '/v2/boards', undefined, { token: String(body['accessToken']) })).status).toBe(200);
    const budget = await send('GET', '/_sim/budget');
    expect(Object.values(budget.body)).toHaveLength(2);
  });
});
