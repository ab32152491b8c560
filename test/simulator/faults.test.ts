import { afterEach, describe, expect, it } from 'vitest';
import { newBoard, useSimulator, type Reply } from './miro.js';

const { sim: simulator, send } = useSimulator();
const bulk = '/v2/boards/*/items/bulk';

afterEach(() => send('PUT', '/_sim/faults', []));

/** Sends one bulk create under a rule; tells the answer, or what the client's side saw, and how many items there are. */
async function underFault(rule: Record<string, unknown>): Promise<{ reply: Reply | Error; items: number }> {
  const board = await newBoard(send);
  await send('PUT', '/_sim/faults', [{ match: { method: 'POST', path: bulk }, times: 1, ...rule }]);
  const reply = await send('POST', `${board}/items/bulk`, [{ type: 'shape' }]).catch((err: Error) => err);
  const { body } = await send('GET', `${board}/items`);
  return { reply, items: Number(body['total']) };
}

describe('faults', () => {
  it.each([
    ['429', 429, 0],
    ['401', 401, 0],
    ['5xx-before', 500, 0],
    ['5xx-after', 500, 1],
    ['html', 502, 1],
    ['slow', 201, 1],
  ])('%s answers %i and leaves %i items', async (fault, status, count) => {
    const { reply, items } = await underFault({ fault, delayMs: 1 });
    expect(reply).toMatchObject({ status });
    expect(items).toBe(count);
  });

  it.each(['drop-after', 'timeout'])('%s writes and never answers', async (fault) => {
    const { reply, items } = await underFault({ fault, delayMs: 50 });
    expect(reply).toBeInstanceOf(Error);
    expect(items).toBe(1);
  });

  it('cuts the JSON of an answer in half', async () => {
    const { reply, items } = await underFault({ fault: 'truncate' });
    expect(reply).toMatchObject({ status: 201, body: {} });
    expect(items).toBe(1);
  });

  it('goes on working when a slow client has hung up', async () => {
    const board = await newBoard(send);
    await send('PUT', '/_sim/faults', [{ match: { path: bulk }, fault: 'slow', delayMs: 1_500 }]);
    const { url, accessToken } = simulator();
    const hangUp = new AbortController();
    const aborted = fetch(`${url}${board}/items/bulk`, {
      method: 'POST',
      headers: { authorization: `Bearer ${accessToken}`, 'content-type': 'application/json' },
      body: JSON.stringify([{ type: 'shape' }]),
      signal: hangUp.signal,
    });
    await expect.poll(async () => (await send('GET', '/_sim/faults')).body[0]!['fired'], { timeout: 1_400 }).toBe(1);
    hangUp.abort();
    await expect(aborted).rejects.toThrow();
    const total = async (): Promise<unknown> => (await send('GET', `${board}/items`)).body['total'];
    await send('PUT', '/_sim/faults', []);
    await expect.poll(total, { timeout: 20_000 }).toBe(1);
  });

  it('counts matches by rule: nth, every, times', async () => {
    await send('PUT', '/_sim/faults', [{ match: { path: '/v2/boards' }, when: { nth: 2 }, fault: '5xx-before' }]);
    expect(await statuses(4)).toEqual([200, 500, 200, 200]);
    await send('PUT', '/_sim/faults', [{ match: { method: 'get' }, when: { every: 2 }, fault: '429', times: 1 }]);
    expect(await statuses(4)).toEqual([200, 429, 200, 200]);
    const { body } = await send('GET', '/_sim/faults');
    expect(body[0]).toMatchObject({ seen: 4, fired: 1 });
  });

  it('chooses the same requests for the same seed', async () => {
    const rule = { match: { path: '/v2/boards' }, when: { probability: 0.5 }, fault: '5xx-before' };
    await send('PUT', '/_sim/faults', [rule]);
    const first = await statuses(12);
    await send('PUT', '/_sim/faults', [rule]);
    expect(await statuses(12)).toEqual(first);
    expect(new Set(first).size).toBe(2);
  });

  it('spares other actors', async () => {
    await send('PUT', '/_sim/faults', [{ match: { actor: 'ben@nordlicht.example' }, fault: '5xx-before' }]);
    expect(await statuses(1)).toEqual([200]);
  });

  it('names what is wrong with a rule', async () => {
    const { status, text } = await send('PUT', '/_sim/faults', [{ match: {}, fault: 'flood' }]);
    expect(status).toBe(400);
    expect(text).toContain('fault must be one of');
  });
});

async function statuses(count: number): Promise<number[]> {
  const seen: number[] = [];
  for (let i = 0; i < count; i++) seen.push((await send('GET', '/v2/boards')).status);
  return seen;
}
