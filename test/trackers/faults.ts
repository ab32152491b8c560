/** What the stand-ins of all trackers share: an HTTP server whose requests go wrong by the simulator's fault rules. */
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Faults, type FaultRule } from '../../simulator/faults/rules.js';

export interface StandInRequest {
  method: string;
  /** Without the query. */
  path: string;
  query: URLSearchParams;
  headers: IncomingHttpHeaders;
  body: string;
}

export interface StandInAnswer {
  status: number;
  headers?: Record<string, string>;
  /** Sent as JSON; absent: no body. */
  body?: unknown;
}

/** A tracker as its API shows it. */
export interface StandIn {
  answer(request: StandInRequest): StandInAnswer | Promise<StandInAnswer>;
  /** How this tracker words a fault: 401, 429 and 5xx. Default: a JSON object with a message. */
  refusal?(status: number): StandInAnswer;
  /** What a test may ask for at `POST /_stand-in/<name>`, where no fault happens. */
  controls?: Record<string, (input: unknown) => unknown>;
}

/** One request as it came; `status` is null where the client saw none. */
export interface SeenRequest extends StandInRequest {
  status: number | null;
  fault: string | null;
}

export interface RunningStandIn {
  url: string;
  /** Of the faults in force; `set` replaces them. */
  faults: Faults;
  seen: SeenRequest[];
  close(): Promise<void>;
}

export interface StandInOptions {
  /** Default: any. */
  port?: number;
  faults?: FaultRule[];
  seed?: number;
}

type Respond = (request: IncomingMessage, response: ServerResponse) => Promise<unknown>;

const CONTROLS = '/_stand-in/';
const SLOW_MS = 300;
const HELD_MS = 120_000;

/** Listens on 127.0.0.1. */
export async function startStandIn(
  standIn: StandIn,
  { port = 0, faults: rules = [], seed = 1 }: StandInOptions = {},
): Promise<RunningStandIn> {
  const faults = new Faults(seed, rules);
  const seen: SeenRequest[] = [];
  const respond = withFaults(standIn, faults, seen);
  const server = createServer((request, response) => {
    respond(request, response).catch((error: unknown) => {
      process.stderr.write(`stand-in: ${request.method} ${request.url}: ${(error as Error).stack}\n`);
      response.destroy();
    });
  });
  server.keepAliveTimeout = 75_000; // longer than clients keep idle connections, so that none is closed under a request
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const close = async (): Promise<void> => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, faults, seen, close };
}

/** Answers as the stand-in does, except where a rule fires. What happens `after` finds the stand-in's work done. */
export function withFaults(standIn: StandIn, faults: Faults, seen: SeenRequest[]): Respond {
  return async (incoming, response) => {
    const request = await read(incoming);
    if (request.path.startsWith(CONTROLS)) return write(response, control(standIn, faults, request));
    const rule = faults.next(request.method, request.path, undefined);
    const answer = await perform(standIn, request, rule);
    const status = send(standIn, response, answer, rule);
    seen.push({ ...request, status, fault: rule?.fault ?? null });
  };
}

/** `POST /_stand-in/faults` sets the rules; the rest is the stand-in's own. */
function control(standIn: StandIn, faults: Faults, { path, body }: StandInRequest): StandInAnswer {
  const name = path.slice(CONTROLS.length);
  const input: unknown = body === '' ? undefined : JSON.parse(body);
  if (name === 'faults') {
    faults.set(input as FaultRule[]);
    return { status: 200, body: null };
  }
  const act = standIn.controls?.[name];
  if (!act) return { status: 404, body: { message: `there is no control ${name}` } };
  return { status: 200, body: act(input) ?? null };
}

/** The faults that act before the work; the others act on its answer, in {@link send}. */
async function perform(standIn: StandIn, request: StandInRequest, rule: FaultRule | undefined): Promise<StandInAnswer> {
  switch (rule?.fault) {
    case '429':
      return refusalOf(standIn, 429);
    case '401':
      return refusalOf(standIn, 401);
    case '5xx-before':
      return refusalOf(standIn, rule.status ?? 500);
    case 'slow':
      await delay(rule.delayMs ?? SLOW_MS);
      break;
    default:
  }
  return standIn.answer(request);
}

/** @returns the status that the client saw, or null if it saw none */
function send(
  standIn: StandIn,
  response: ServerResponse,
  answer: StandInAnswer,
  rule: FaultRule | undefined,
): number | null {
  switch (rule?.fault) {
    case '5xx-after':
      return write(response, refusalOf(standIn, rule.status ?? 500));
    case 'html':
      response.writeHead(rule.status ?? 502, { 'content-type': 'text/html; charset=utf-8' });
      response.end('<html><body><h1>Bad gateway</h1></body></html>');
      return rule.status ?? 502;
    case 'drop-after':
      response.destroy();
      return null;
    case 'timeout':
      setTimeout(() => response.destroy(), rule.delayMs ?? HELD_MS).unref();
      return null;
    case 'truncate':
      return write(response, answer, 0.5);
    default:
      return write(response, answer);
  }
}

function refusalOf(standIn: StandIn, status: number): StandInAnswer {
  const words: Record<number, string> = { 401: 'Bad credentials', 429: 'Too many requests' };
  return (
    standIn.refusal?.(status) ?? {
      status,
      body: { message: words[status] ?? 'Internal error' },
      ...(status === 429 && { headers: { 'retry-after': '1' } }),
    }
  );
}

/** @param share how much of the body comes, where 1 is all of it */
function write(response: ServerResponse, { status, headers, body }: StandInAnswer, share = 1): number {
  const text = body === undefined ? '' : JSON.stringify(body);
  const type = text === '' ? {} : { 'content-type': 'application/json; charset=utf-8' };
  response.writeHead(status, { ...type, ...headers });
  response.end(text.slice(0, Math.floor(text.length * share)));
  return status;
}

async function read(incoming: IncomingMessage): Promise<StandInRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const { pathname, searchParams } = new URL(incoming.url ?? '/', 'http://stand-in');
  return {
    method: incoming.method ?? 'GET',
    path: pathname,
    query: searchParams,
    headers: incoming.headers,
    body: Buffer.concat(chunks).toString(),
  };
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}
