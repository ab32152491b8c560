import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { FaultRule } from '../faults/rules.js';
import { SCIM_BASE } from '../scim/errors.js';
import type { Simulation } from '../simulation.js';
import { bodyText, html, type Answer } from './answer.js';
import { ApiError, tokenNotProvided, tooManyRequests } from './api-error.js';
import { authenticate, budgetKey } from './authenticate.js';
import type { Actor, Incoming } from './call.js';
import { handle, refusal, type Handled } from './pipeline.js';
import type { Routes } from './routes.js';

/** Answers the simulator's own controls; undefined where the path is none of them. */
export type Controls = (sim: Simulation, incoming: Incoming) => Answer | Promise<Answer>;

/** Who a SCIM token is in the log and in fault rules. */
const SCIM_ACTOR = { id: 'scim', email: 'scim' };
const MAX_BODY = 60_000_000;
const SLOW_MS = 2000;
const HELD_MS = 120_000;

export function createHttpServer(sim: Simulation, routes: Routes, controls: Controls): Server {
  const server = createServer((req, res) => {
    serve(sim, routes, controls, req, res).catch((err: unknown) => {
      // who hangs up while sending the request is no failure of ours
      if (!req.complete) return res.destroy();
      process.stderr.write(`simulator: ${req.method} ${req.url}: ${(err as Error).stack}\n`);
      if (res.headersSent) res.destroy();
      else write(res, new ApiError(500, 'internalError', 'The simulator itself failed; see its log').toAnswer());
    });
  });
  // longer than clients keep idle connections, so that none is closed under a request
  server.keepAliveTimeout = 75_000;
  return server;
}

async function serve(
  sim: Simulation,
  routes: Routes,
  controls: Controls,
  req: IncomingMessage,
  res: ServerResponse,
): Promise<void> {
  const incoming = await read(req);
  sim.finishDue();
  if (incoming.path.startsWith('/_sim/')) return write(res, await controls(sim, incoming));
  const actor = authenticate(sim, incoming);
  const who = actor?.user ?? (incoming.path.startsWith(SCIM_BASE) ? SCIM_ACTOR : undefined);
  const rule = sim.faults.next(incoming.method, incoming.path, who);
  if (sim.options.latencyMs > 0) await delay(sim.options.latencyMs);
  const handled = await perform(sim, routes, incoming, actor, rule);
  const answer = { ...handled.answer, headers: { ...sharedHeaders(sim, actor), ...handled.answer.headers } };
  const status = send(res, incoming, answer, rule);
  const { method, path } = incoming;
  sim.log.add({
    time: new Date(sim.clock.now()).toISOString(),
    method,
    path,
    query: queryForLog(incoming),
    status,
    actor: who?.id ?? null,
    credits: handled.credits,
    fault: rule?.fault ?? null,
  });
}

/** The faults that act before the operation; the others act on its answer, in {@link send}. */
async function perform(
  sim: Simulation,
  routes: Routes,
  incoming: Incoming,
  actor: Actor | undefined,
  rule: FaultRule | undefined,
): Promise<Handled> {
  switch (rule?.fault) {
    case '429':
      return { answer: refusal(tooManyRequests(), incoming), credits: 0 };
    case '401':
      return { answer: refusal(tokenNotProvided(), incoming), credits: 0 };
    case '5xx-before':
      return { answer: serverError(rule, incoming), credits: 0 };
    case 'slow':
      await delay(rule.delayMs ?? SLOW_MS);
      break;
    default:
  }
  return handle(sim, routes, incoming, actor);
}

/** @returns the status that the client saw, or null if it saw none */
function send(res: ServerResponse, incoming: Incoming, answer: Answer, rule: FaultRule | undefined): number | null {
  switch (rule?.fault) {
    case '5xx-after':
      write(res, { ...serverError(rule, incoming), headers: answer.headers });
      return rule.status ?? 500;
    case 'html':
      write(res, { ...html(rule.status ?? 502, '<html><body><h1>Bad gateway</h1></body></html>') });
      return rule.status ?? 502;
    case 'drop-after':
      res.destroy();
      return null;
    case 'timeout':
      setTimeout(() => res.destroy(), rule.delayMs ?? HELD_MS).unref();
      return null;
    case 'truncate':
      write(res, { ...answer, text: half(bodyText(answer)) });
      return answer.status;
    default:
      write(res, answer);
      return answer.status;
  }
}

const half = (text: string): string => text.slice(0, Math.floor(text.length / 2));

const serverError = (rule: FaultRule, incoming: Incoming): Answer =>
  refusal(new ApiError(rule.status ?? 500, '3.0000', 'Internal error'), incoming);

function sharedHeaders(sim: Simulation, actor: Actor | undefined): Record<string, string> {
  const date = { date: new Date(sim.clock.now()).toUTCString(), 'x-request-id': sim.log.nextRequestId() };
  if (!actor) return date;
  const { limit, remaining, resetAt } = sim.credits.budget(budgetKey(actor));
  return {
    ...date,
    'x-ratelimit-limit': String(limit),
    'x-ratelimit-remaining': String(remaining),
    'x-ratelimit-reset': String(Math.ceil(resetAt / 1000)),
  };
}

function write(res: ServerResponse, answer: Answer): void {
  const text = bodyText(answer);
  const type = text === '' ? {} : { 'content-type': 'application/json; charset=utf-8' };
  const length = answer.status === 204 ? {} : { 'content-length': String(Buffer.byteLength(text)) };
  res.writeHead(answer.status, { ...type, ...length, ...answer.headers });
  res.end(text);
}

async function read(req: IncomingMessage): Promise<Incoming> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of req as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= MAX_BODY) chunks.push(chunk);
  }
  const [path = '/', search = ''] = (req.url ?? '/').split(/\?(.*)/s);
  const query: Record<string, string> = {};
  // a parameter that comes several times is a list
  for (const [name, value] of new URLSearchParams(search))
    query[name] = Object.hasOwn(query, name) ? `${query[name]},${value}` : value;
  return { method: req.method ?? 'GET', path, query, headers: req.headers, body: Buffer.concat(chunks) };
}

function queryForLog({ query }: Incoming): string {
  const { access_token: _, client_secret: __, ...shown } = query;
  return new URLSearchParams(shown).toString();
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}
