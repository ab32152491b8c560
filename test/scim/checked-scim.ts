import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect } from 'vitest';
import { createSimulator, type RunningSimulator } from '../../simulator/app.js';
import type { SimulatorOptions } from '../../simulator/options.js';
import { answerChecker, type AnswerChecker } from './answer-schemas.js';
import type { Answer, Exchange, Json } from './exchange.js';

export const BASE = '/api/v1/scim';
export const PATCH_OP = 'urn:ietf:params:scim:api:messages:2.0:PatchOp';
export const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';

/** A person as SCIM shows them, as far as the tests read them. */
export interface User {
  id: string;
  userName: string;
  displayName: string;
  active: boolean;
  userType: string;
  groups: { value: string; display: string }[];
  roles: { value: string }[];
}
export interface Group {
  id: string;
  displayName: string;
  members: { value: string; display: string }[];
}
export interface Page<Resource> {
  totalResults: number;
  startIndex: number;
  itemsPerPage: number;
  Resources: Resource[];
}

export interface State {
  users: { id: string; email: string; role: string; license: string }[];
  boards: { name: string; owner: { id: string }; members: { id: string; role: string }[] }[];
}

/** A PATCH operation that adds members to a group. */
export const adding = (...ids: string[]) => ({ op: 'Add', path: 'members', value: ids.map((value) => ({ value })) });

export interface CheckedScim {
  sim: () => RunningSimulator;
  /** Where SCIM answers and every answer is looked at. */
  base: () => string;
  scim: <T = Json>(method: string, path: string, body?: unknown, more?: Headers) => Promise<Answer<T>>;
  patch: <T = Json>(path: string, ...operations: unknown[]) => Promise<Answer<T>>;
  /** The simulator's REST API and controls, as its first account. */
  rest: <T = Json>(method: string, path: string, body?: unknown) => Promise<Answer<T>>;
  /** Everything that the simulator remembers, as far as the tests read it. */
  state: () => Promise<State>;
  users: (filter?: string) => Promise<User[]>;
  user: (name: string) => Promise<User>;
  group: (name: string) => Promise<Group>;
}
type Headers = Record<string, string>;

/**
 * A simulator for the tests of one file, behind a proxy that keeps every SCIM answer. After the file's last test each of them is
 * checked against the simulator's own /Schemas and the messages of RFC 7644. Its windows are so short that no budget runs out.
 */
export function useCheckedScim(options: Partial<SimulatorOptions> = {}): CheckedScim {
  let running: RunningSimulator | undefined;
  let proxy: Server | undefined;
  let checker: AnswerChecker | undefined;
  const exchanges: Exchange[] = [];
  beforeAll(async () => {
    running = await createSimulator({ windowMs: 2, ...options }).start();
    checker = await answerChecker(`${running.url}${BASE}`, running.scimToken);
    proxy = await startProxy(running.url, exchanges);
  });
  afterAll(async () => {
    proxy?.closeAllConnections();
    proxy?.close();
    await running?.close();
    expect(exchanges.flatMap((exchange) => checker?.(exchange) ?? [])).toEqual([]);
  });
  const base = () => `http://127.0.0.1:${(proxy!.address() as AddressInfo).port}${BASE}`;
  return callsOf(() => running!, base);
}

function callsOf(sim: () => RunningSimulator, base: () => string): CheckedScim {
  const scim: CheckedScim['scim'] = (method, path, body, more = {}) =>
    send(`${base()}${path}`, method, body, {
      authorization: `Bearer ${sim().scimToken}`,
      ...(body !== undefined && { 'content-type': 'application/scim+json' }),
      ...more,
    });
  const rest: CheckedScim['rest'] = (method, path, body) =>
    send(`${sim().url}${path}`, method, body, {
      authorization: `Bearer ${sim().accessToken}`,
      ...(body !== undefined && { 'content-type': 'application/json' }),
    });
  const found = async <Resource>(kind: string, filter: string) => {
    const { body } = await scim<Page<Resource>>('GET', `/${kind}?count=1000&filter=${encodeURIComponent(filter)}`);
    return body.Resources;
  };
  const only = async <Resource>(kind: string, filter: string) => {
    const all = await found<Resource>(kind, filter);
    expect(all, `${kind} with ${filter}`).toHaveLength(1);
    return all[0]!;
  };
  return {
    sim,
    base,
    scim,
    patch: (path, ...Operations) => scim('PATCH', path, { schemas: [PATCH_OP], Operations }),
    rest,
    state: async () => (await rest<State>('GET', '/_sim/state')).body,
    users: (filter = 'id pr') => found<User>('Users', filter),
    user: (name) => only<User>('Users', `userName eq "${name}@nordlicht.example"`),
    group: (name) => only<Group>('Groups', `displayName eq "${name}"`),
  };
}

async function send<T>(url: string, method: string, body: unknown, headers: Headers): Promise<Answer<T>> {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const response = await fetch(url, { method, headers, ...(body !== undefined && { body: text }) });
  const answered = await response.text();
  return { status: response.status, headers: response.headers, body: (answered ? JSON.parse(answered) : {}) as T };
}

async function startProxy(target: string, exchanges: Exchange[]): Promise<Server> {
  const server = createServer((request, response) => {
    void forward(target, request).then((exchange) => {
      exchanges.push(exchange);
      const { status, headers, text } = exchange;
      response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(text) }).end(text);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

const FORWARDED = ['authorization', 'content-type', 'accept'];

async function forward(target: string, request: IncomingMessage): Promise<Exchange> {
  const { method = 'GET', url = '/' } = request;
  const sent = Buffer.concat(await request.toArray());
  const headers = FORWARDED.flatMap((name): [string, string][] => {
    const value = request.headers[name];
    return typeof value === 'string' ? [[name, value]] : [];
  });
  const answer = await fetch(`${target}${url}`, { method, headers, ...(sent.length > 0 && { body: sent }) });
  const text = await answer.text();
  const kept = [...answer.headers].filter(([name]) => !['connection', 'keep-alive', 'content-length'].includes(name));
  return { method, url: url.slice(BASE.length), status: answer.status, headers: Object.fromEntries(kept), text };
}
