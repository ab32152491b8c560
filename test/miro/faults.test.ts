import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Agent, MockAgent } from 'undici';
import { describe, expect, it } from 'vitest';
import { boards, createMiro, MiroError, tags } from '../../miro/index.js';
import type { Call, MiroErrorKind, Written } from '../../miro/index.js';
import { fakeMiro, sendTo, token } from './fake-miro.js';

const read: Call<unknown> = boards.get('uXjVOD6LSME=');
const write: Call<unknown> = boards.create({ name: 'Retro' });
const remove: Call<unknown> = boards.delete('uXjVOD6LSME=');

const miroBody = (status: number, code: string): string =>
  JSON.stringify({ type: 'error', status, code, message: 'No' });
const answering =
  (status: number, body: string, headers: Record<string, string> = {}) =>
  (_: IncomingMessage, response: ServerResponse): void =>
    void response.writeHead(status, headers).end(body);
const BOARD = JSON.stringify({ id: 'b1', name: 'Retro', viewLink: 'https://miro.com/app/board/b1/' });
const HTML = '<html><body>Be right back</body></html>';
const SPENT = { 'x-ratelimit-limit': '100000', 'x-ratelimit-remaining': '0' };

interface Fault {
  name: string;
  answer: (request: IncomingMessage, response: ServerResponse) => void;
  kind: MiroErrorKind;
  /** For a call that writes; for a call that reads it is always 'no'. */
  written: Written;
}

const FAULTS: Fault[] = [
  { name: 'a 400 of Miro', answer: answering(400, miroBody(400, '2.0703')), kind: 'invalid', written: 'no' },
  {
    name: 'a 401 of Miro',
    answer: answering(401, miroBody(401, 'tokenNotProvided')),
    kind: 'unauthorized',
    written: 'no',
  },
  { name: 'a 403 of Miro', answer: answering(403, miroBody(403, 'forbidden')), kind: 'forbidden', written: 'no' },
  { name: 'a 404 of Miro', answer: answering(404, miroBody(404, '3.0201')), kind: 'not_found', written: 'no' },
  {
    name: 'a 405 of Miro',
    answer: answering(405, miroBody(405, 'methodNotSupported')),
    kind: 'invalid',
    written: 'no',
  },
  { name: 'a 409 of Miro', answer: answering(409, miroBody(409, 'conflict')), kind: 'conflict', written: 'no' },
  { name: 'a 413 of Miro', answer: answering(413, miroBody(413, 'tooLarge')), kind: 'too_large', written: 'no' },
  { name: 'a 425 of Miro', answer: answering(425, miroBody(425, 'tooEarly')), kind: 'unavailable', written: 'no' },
  {
    name: 'a 429 of Miro with an empty budget',
    answer: answering(429, miroBody(429, 'tooManyRequests'), SPENT),
    kind: 'rate_limited',
    written: 'no',
  },
  {
    name: 'a 429 of Miro with credits left',
    answer: answering(429, miroBody(429, 'tooManyRequests'), { 'x-ratelimit-remaining': '90000' }),
    kind: 'rate_limited',
    written: 'unknown',
  },
  {
    name: 'a 429 of Miro without headers',
    answer: answering(429, miroBody(429, 'tooManyRequests')),
    kind: 'rate_limited',
    written: 'unknown',
  },
  { name: 'a 429 of the edge', answer: answering(429, HTML, SPENT), kind: 'rate_limited', written: 'unknown' },
  { name: 'a 408', answer: answering(408, miroBody(408, 'timeout')), kind: 'timeout', written: 'unknown' },
  { name: 'a 400 in HTML', answer: answering(400, HTML), kind: 'malformed', written: 'unknown' },
  { name: 'a 401 in HTML', answer: answering(401, HTML), kind: 'malformed', written: 'unknown' },
  { name: 'a 404 in HTML', answer: answering(404, HTML), kind: 'malformed', written: 'unknown' },
  { name: 'a 404 without a body', answer: answering(404, ''), kind: 'not_found', written: 'unknown' },
  {
    name: 'a 403 in JSON of someone else',
    answer: answering(403, '{"message":"Forbidden"}'),
    kind: 'forbidden',
    written: 'unknown',
  },
  { name: 'a redirect', answer: answering(302, '', { location: '/login' }), kind: 'malformed', written: 'unknown' },
  { name: 'a 500 of Miro', answer: answering(500, miroBody(500, 'internal')), kind: 'unavailable', written: 'unknown' },
  { name: 'a 502 in HTML', answer: answering(502, HTML), kind: 'unavailable', written: 'unknown' },
  { name: 'a 503 without a body', answer: answering(503, ''), kind: 'unavailable', written: 'unknown' },
  { name: 'a 200 in HTML', answer: answering(200, HTML), kind: 'malformed', written: 'unknown' },
  {
    name: 'a 200 with half a JSON text',
    answer: answering(200, BOARD.slice(0, 20)),
    kind: 'malformed',
    written: 'unknown',
  },
  {
    name: 'a connection reset before an answer',
    answer: (request) => request.socket.destroy(),
    kind: 'unavailable',
    written: 'unknown',
  },
  {
    name: 'a body cut off before its announced length',
    answer: (request, response) => {
      response.writeHead(201, { 'content-length': String(BOARD.length) });
      response.write(BOARD.slice(0, 20), () => request.socket.destroy());
    },
    kind: 'unavailable',
    written: 'unknown',
  },
  {
    name: 'a chunked body cut off',
    answer: (request, response) => {
      response.writeHead(201);
      response.write(BOARD.slice(0, 20), () => request.socket.destroy());
    },
    kind: 'unavailable',
    written: 'unknown',
  },
];

describe.each(FAULTS)('$name', ({ answer, kind, written }) => {
  it('leaves nothing in doubt for a call that reads', async () => {
    const { error } = await sendTo(await fakeMiro(answer), read);
    expect(error).toBeInstanceOf(MiroError);
    expect(error).toMatchObject({ kind, written: 'no', operation: 'get-specific-board' });
  });

  it.each([write, remove])(`is ${kind}, written: ${written}, for $method $template`, async (call) => {
    const { error, answers } = await sendTo(await fakeMiro(answer), call);
    expect(error).toBeInstanceOf(MiroError);
    expect(error).toMatchObject({ kind, written, operation: call.operation });
    expect(answers).toMatchObject([{ sent: true, credits: 500 }]);
  });

  it('is met with one request only', async () => {
    const server = await fakeMiro(answer);
    await sendTo(server, write);
    expect(server.requests).toHaveLength(1);
  });
});

describe('an answer that never comes', () => {
  it('is a timeout that leaves a write unknown', async () => {
    const { error } = await sendTo(await fakeMiro(() => undefined), write, { deadlineMs: 1_000 });
    expect(error).toMatchObject({ kind: 'timeout', written: 'unknown' });
  });

  it('is a timeout too where only the body stops coming', async () => {
    const stalled = await fakeMiro((_, response) => void response.writeHead(200).write(BOARD.slice(0, 20)));
    const { error } = await sendTo(stalled, write, { deadlineMs: 1_000 });
    expect(error).toMatchObject({ kind: 'timeout', written: 'unknown', status: 200 });
  });

  it('ends at once when the caller cancels, and says so', async () => {
    const caller = new AbortController();
    const { error } = await sendTo(await fakeMiro(() => caller.abort()), write, { signal: caller.signal });
    expect(error).toMatchObject({ kind: 'timeout', written: 'unknown' });
    expect(error).toHaveProperty('message', 'POST /v2/boards was cancelled before an answer');
  });
});

describe('a request that never left', () => {
  const sendTowards = async (baseUrl: string, deadlineMs = 5_000, signal?: AbortSignal): Promise<unknown> => {
    const miro = createMiro({ baseUrl });
    const error: unknown = await miro.send(write, { token, deadlineMs, signal }).catch((thrown: unknown) => thrown);
    await miro.close();
    return error;
  };

  it('wrote nothing when the connection is refused', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    const error = await sendTowards(`http://127.0.0.1:${port}`);
    expect(error).toMatchObject({ kind: 'unavailable', written: 'no' });
    expect(error).toHaveProperty('message', 'POST /v2/boards failed before it was sent (ECONNREFUSED)');
  });

  it('wrote nothing when there is no such host', async () => {
    expect(await sendTowards('http://miro.invalid')).toMatchObject({ kind: 'unavailable', written: 'no' });
  });

  it('wrote nothing when TLS fails', async () => {
    const plain = await fakeMiro(() => undefined);
    expect(await sendTowards(plain.url.replace('http', 'https'))).toMatchObject({ kind: 'unavailable', written: 'no' });
    expect(plain.requests).toEqual([]);
    await plain.close();
  });

  it('wrote nothing when its time was over before, or the caller had cancelled', async () => {
    const server = await fakeMiro(() => undefined);
    expect(await sendTowards(server.url, 0)).toMatchObject({ kind: 'timeout', written: 'no' });
    expect(await sendTowards(server.url, 5_000, AbortSignal.abort())).toMatchObject({ kind: 'timeout', written: 'no' });
    expect(server.requests).toEqual([]);
    await server.close();
  });

  it('wrote nothing when it waited for a connection until the deadline', async () => {
    // The handshake never ends: the server does not speak TLS and does not hang up.
    const silent = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => silent.once('listening', resolve));
    const { port } = silent.address() as AddressInfo;
    const agent = new Agent();
    const miro = createMiro({ dispatcher: agent, baseUrl: `https://127.0.0.1:${port}` });
    await expect(miro.send(write, { token, deadlineMs: 50 })).rejects.toMatchObject({ kind: 'timeout', written: 'no' });
    await agent.destroy();
    silent.close();
  });
});

it('refuses a body that can not be written as JSON', async () => {
  const board: Record<string, unknown> = { name: 'x' };
  board['self'] = board;
  const server = await fakeMiro(() => undefined);
  const { error } = await sendTo(server, boards.create(board));
  expect(error).toMatchObject({ kind: 'invalid', written: 'no' });
  expect(server.requests).toEqual([]);
});

it('leaves a write unknown after a reset, also with a dispatcher that does not report the sending', async () => {
  const agent = new MockAgent();
  agent.disableNetConnect();
  const reset = Object.assign(new Error('reset'), { code: 'ECONNRESET' });
  agent.get('https://api.miro.com').intercept({ path: '/v2/boards', method: 'POST' }).replyWithError(reset);
  const miro = createMiro({ dispatcher: agent, baseUrl: 'https://api.miro.com' });
  await expect(miro.send(write, { token, deadlineMs: 1_000 })).rejects.toMatchObject({
    kind: 'unavailable',
    written: 'unknown',
  });
});

it('takes an unknown route for a bad call, not for a missing item', async () => {
  const body = JSON.stringify({ type: 'error', status: 404, message: 'No endpoint DELETE /v2/boards/1/tags/2' });
  const { error } = await sendTo(await fakeMiro(answering(404, body)), tags.delete('1', '2'));
  expect(error).toMatchObject({ kind: 'invalid', written: 'no' });
});
