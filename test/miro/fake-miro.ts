import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { createMiro, restToken } from '../../miro/index.js';
import type { Answer, Call } from '../../miro/index.js';

export const token = restToken('token-that-must-not-leak');

export interface FakeMiro {
  url: string;
  requests: { method: string; url: string; headers: IncomingMessage['headers']; body: string }[];
  close(): Promise<void>;
}

/** A server on this machine that answers as `answer` says, after the request's body has been read. */
export async function fakeMiro(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<FakeMiro> {
  const requests: FakeMiro['requests'] = [];
  const listen = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    requests.push({ method: request.method ?? '', url: request.url ?? '', headers: request.headers, body });
    answer(request, response);
  };
  const server = createServer((request, response) => void listen(request, response));
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => sockets.add(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}

/** A server that gives the same JSON answer to everything. */
export const jsonMiro = (status: number, body: unknown, headers: Record<string, string> = {}): Promise<FakeMiro> =>
  fakeMiro((_, response) =>
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body)),
  );

export interface Outcome<T> {
  value?: T;
  error?: unknown;
  answers: Answer[];
}

/** Sends one call to a server that is closed afterwards. */
export async function sendTo<T>(
  server: FakeMiro,
  call: Call<T>,
  { deadlineMs = 5_000, signal }: { deadlineMs?: number; signal?: AbortSignal } = {},
): Promise<Outcome<T>> {
  const answers: Answer[] = [];
  const onAnswer = (answer: Answer): void => void answers.push(answer);
  const miro = createMiro({ baseUrl: server.url });
  try {
    return { value: await miro.send(call, { token, deadlineMs, signal, onAnswer }), answers };
  } catch (error) {
    return { error, answers };
  } finally {
    await server.close();
    await miro.close();
  }
}
