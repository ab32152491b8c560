/** The gateway over real HTTP, on a real PostgreSQL and a simulator of its own; and a browser that a test can look into. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { createApp } from '../../gateway/app.js';
import type { GatewayDeps } from '../../gateway/deps.js';
import { createLimits } from '../../gateway/limits.js';
import { idKey } from '../../ids.js';
import { createMiro, createPool } from '../../miro/index.js';
import { createSimulator, type RunningSimulator } from '../../simulator/app.js';
import type { SimulatorOptions } from '../../simulator/options.js';
import { createKey, KEY_SCOPES, type KeyScope } from '../../store/api-keys.js';
import { createTestStore, type TestStore } from '../store/database.js';

export const RETURN_ORIGIN = 'https://app.example.com';

export interface GatewayStage {
  store: TestStore;
  deps: GatewayDeps;
  app: ReturnType<typeof createApp>;
  simulator: RunningSimulator;
  /** Where the gateway listens. */
  url: string;
  /** What it has told whoever operates it. */
  log: string[];
  /** A key's text; by default for everything. */
  key(limits?: { tenants?: string[]; scopes?: KeyScope[]; expiresInMs?: number }): Promise<string>;
  /** A call of the API over HTTP, by default with a key for everything. */
  call(method: string, path: string, body?: unknown, key?: string): Promise<Answer>;
  /** A new link session of the tenant `acme`. */
  session(wanted?: object): Promise<{ id: string; url: string }>;
  act<T>(deed: string, input?: object): Promise<T>;
  sim<T>(path: string): Promise<T>;
  close(): Promise<void>;
}

export interface Answer {
  status: number;
  headers: Headers;
  body: Record<string, unknown> & { error?: { code: string; message: string; remedy: string; requestId: string } };
}

export async function createGatewayStage(
  options: Partial<SimulatorOptions> & Partial<Pick<GatewayDeps, 'limits' | 'uiOrigin'>> = {},
): Promise<GatewayStage> {
  const { limits = createLimits({ failuresPerMinute: 1_000 }), uiOrigin, ...simulated } = options;
  const store = await createTestStore();
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const simulator = await createSimulator({ redirectUri: `${url}/oauth/callback`, ...simulated }).start();
  const dispatcher = createPool();
  const log: string[] = [];
  const deps: GatewayDeps = {
    ...{
      db: store.db,
      vault: store.vault,
      dispatcher,
      limits,
      publicUrl: url,
      returnOrigins: [RETURN_ORIGIN],
      uiOrigin,
    },
    ...{ apiUrl: simulator.url, miroUrl: simulator.url, miro: createMiro({ dispatcher, baseUrl: simulator.url }) },
    ...{ app: { clientId: simulator.clientId, clientSecret: simulator.clientSecret }, deadlineMs: 10_000 },
    ...{ idKey: idKey(randomBytes(32)), log: (line) => void log.push(line) },
  };
  const app = createApp(deps);
  const answer = getRequestListener(app.fetch);
  server.on('request', (request, response) => void answer(request, response));

  const key: GatewayStage['key'] = async (more = {}) =>
    (await createKey(store.db, { name: 'test', scopes: [...KEY_SCOPES], ...more })).key;
  const all = await key();
  const call: GatewayStage['call'] = async (method, path, body, as = all) => {
    const response = await fetch(url + path, {
      method,
      headers: { authorization: `Bearer ${as}`, ...(body !== undefined && { 'content-type': 'application/json' }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.startsWith('application/json');
    return {
      status: response.status,
      headers: response.headers,
      body: (isJson ? JSON.parse(text) : { text }) as Answer['body'],
    };
  };
  return {
    ...{ store, deps, app, simulator, url, log, key, call },
    async session(wanted = {}) {
      const { status, body } = await call('POST', '/v1/link-sessions', { tenant: 'acme', ...wanted });
      if (status !== 201) throw new Error(JSON.stringify(body));
      return { id: String(body['id']), url: String(body['url']) };
    },
    async act<T>(deed: string, input: object = {}) {
      const body = JSON.stringify({ do: deed, ...input });
      return (await (await fetch(`${simulator.url}/_sim/act`, { method: 'POST', body })).json()) as T;
    },
    sim: async <T>(path: string) => (await (await fetch(`${simulator.url}/_sim/${path}`)).json()) as T,
    async close() {
      server.close();
      server.closeAllConnections();
      await dispatcher.destroy();
      await simulator.close();
      await store.close();
    },
  };
}

/** What a browser's person needs to know of Miro. */
export type SimulatedMiro = Pick<GatewayStage, 'sim'> & { simulator: Pick<RunningSimulator, 'url' | 'teamId'> };

interface Shown {
  status: number;
  location: string;
  text: string;
  headers: Headers;
}

/** Follows no redirect by itself, and keeps cookies as one person's browser does. */
export class TestBrowser {
  private readonly cookies = new Map<string, string>();

  get(url: string): Promise<Shown> {
    return this.send(url, {});
  }

  /** Presses the button of the page at that address. */
  press(url: string): Promise<Shown> {
    return this.send(url, { method: 'POST', headers: { 'sec-fetch-site': 'same-origin' } });
  }

  private async send(url: string, { headers: given, ...init }: RequestInit): Promise<Shown> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const sent = { ...(given as Record<string, string>), ...(cookie && { cookie }) };
    const response = await fetch(url, { ...init, redirect: 'manual', headers: sent });
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      this.cookies.set(name, value);
    }
    const { status, headers } = response;
    return { status, headers, location: headers.get('location') ?? '', text: await response.text() };
  }

  /** Opens the link, or a relink address, and presses the button. @returns where the page takes the browser, not yet visited; '' if nowhere */
  async start(link: string): Promise<string> {
    await this.get(link);
    const { text } = await this.press(link);
    return (/ href="([^"]+)"/.exec(text)?.[1] ?? '').replaceAll('&amp;', '&');
  }

  /** Opens the link and decides on Miro's page. @returns where Miro sends the browser, not yet visited. */
  async decide(
    stage: SimulatedMiro,
    link: string,
    decision: 'allow' | 'deny',
    chosen: Record<string, string> = {},
  ): Promise<string> {
    const asked = Object.fromEntries(new URL(await this.start(link)).searchParams);
    const person = await person1(stage);
    const body = new URLSearchParams({
      team_id: stage.simulator.teamId,
      user_id: person,
      ...asked,
      ...chosen,
      decision,
    });
    const response = await fetch(`${stage.simulator.url}/oauth/authorize`, {
      method: 'POST',
      body,
      redirect: 'manual',
    });
    return response.headers.get('location') ?? `no redirect: ${await response.text()}`;
  }

  /** The whole way; @returns the answer of the gateway's callback. */
  async link(
    stage: SimulatedMiro,
    link: string,
    decision: 'allow' | 'deny' = 'allow',
    chosen: Record<string, string> = {},
  ) {
    return await this.get(await this.decide(stage, link, decision, chosen));
  }
}

export interface SimulatedPeople {
  users: { id: string; email: string; name: string }[];
  teams: { id: string; name: string; members: { id: string }[] }[];
}

/** Who is the simulator's first account. */
async function person1(stage: SimulatedMiro): Promise<string> {
  const state = await stage.sim<SimulatedPeople>('state');
  return state.users.find(({ email }) => email.startsWith('ada@'))?.id ?? '';
}
