/** A backend's webhook endpoint over real HTTP: it keeps what came, and answers as the test says. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';
import type { MiroEvent } from '../../store/events.js';

export interface Received {
  id: string;
  headers: Record<string, string>;
  body: string;
}

export interface Receiver {
  url: string;
  received: Received[];
  /** Of the n-th request, counted from 1; default 204. 'drop': the connection breaks after the request was read. 'hang': no answer. */
  answer: (
    n: number,
    request: Received,
  ) => number | 'drop' | 'hang' | { status: number; headers: Record<string, string> };
  close(): Promise<void>;
}

export async function startReceiver(): Promise<Receiver> {
  const received: Received[] = [];
  const receiver: Receiver = { url: '', received, answer: () => 204, close };
  const server = createServer((request, response) => void receive(receiver, request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  receiver.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/miro-events`;
  return receiver;

  async function close(): Promise<void> {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  }
}

async function receive(receiver: Receiver, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const headers = request.headers as Record<string, string>;
  const one = { id: headers['webhook-id'] ?? '', headers, body: Buffer.concat(chunks).toString() };
  receiver.received.push(one);
  const answer = receiver.answer(receiver.received.length, one);
  if (answer === 'hang') return;
  if (answer === 'drop') return void response.destroy();
  const { status, headers: told } = typeof answer === 'number' ? { status: answer, headers: {} } : answer;
  response.writeHead(status, told).end();
}

/** As a receiver does it. @throws WebhookVerificationError */
export function verified(secret: string, { body, headers }: Received): MiroEvent {
  return new Webhook(secret).verify(body, headers) as MiroEvent;
}
