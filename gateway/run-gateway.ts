/** One gateway process from its settings: check, serve; and back again in the opposite order. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import type { IdKey } from '../ids.js';
import { isLoopback } from '../loopback.js';
import { createMiro, createPool } from '../miro/index.js';
import { renewAppSecret } from '../store/apps.js';
import { openStore } from '../workers/open-store.js';
import { StartUpError } from '../workers/start-up-error.js';
import { createApp } from './app.js';
import type { GatewayDeps } from './deps.js';
import { createLimits } from './limits.js';

/** HTTP deadline of one call to Miro. */
const MIRO_MS = 10_000;
/** What runs when we are told to stop may take so long to end. */
const STOP_MS = 10_000;

export interface GatewaySettings {
  database: { url?: string; schema?: string };
  idKey: IdKey;
  /** Key ring of the vault, `name:base64[,…]`. */
  vaultKeys: string;
  /** Key ring of the payload codec, for the codec endpoint. */
  codecKeys?: string;
  miro: { apiUrl: string; url: string; app?: { clientId: string; clientSecret: string } };
  /** Where browsers reach us; may be left out on a loopback host. */
  publicUrl?: string;
  returnOrigins: string[];
  uiOrigin?: string;
  /** Default 127.0.0.1. */
  host?: string;
  /** 0 takes a free one. */
  port: number;
}

export interface GatewayLife {
  /** Aborted: answer what is asked already, then return. */
  signal: AbortSignal;
  onReady: (ready: { url: string }) => void;
  /** A sentence for whoever operates this. */
  log: (line: string) => void;
}

/**
 * Serves until `signal` is aborted; returns after a clean stop.
 * @throws StartUpError when a setting is wrong or the database is absent at the start.
 */
export async function runGateway(settings: GatewaySettings, life: GatewayLife): Promise<void> {
  const { host = '127.0.0.1', port, miro } = settings;
  if (settings.publicUrl === undefined && !isLoopback(addressOf(host, port)))
    throw new StartUpError(2, `TEMPORAL_MIRO_PUBLIC_URL is missing; a gateway that listens on ${host} needs it`);
  const { db, vault } = await openStore({ ...settings, codecKeys: settings.codecKeys ?? null, encrypts: false });
  const dispatcher = createPool();
  try {
    if (miro.app) await renewAppSecret(db, vault, miro.app);
    const deps = (url: string): GatewayDeps => ({
      ...{ db, dispatcher, apiUrl: miro.apiUrl, miroUrl: miro.url, app: miro.app, deadlineMs: MIRO_MS, log: life.log },
      ...{ vault, miro: createMiro({ dispatcher, baseUrl: miro.apiUrl }) },
      ...{ idKey: settings.idKey, publicUrl: settings.publicUrl ?? url, returnOrigins: settings.returnOrigins },
      ...{ uiOrigin: settings.uiOrigin, codecKeys: settings.codecKeys, limits: createLimits() },
    });
    await serveUntil(life, { host, port, deps });
  } finally {
    await dispatcher.close();
    await db.close();
  }
}

interface Serving {
  host: string;
  port: number;
  /** The public address may be known only when the port is. */
  deps: (url: string) => GatewayDeps;
}

async function serveUntil({ signal, onReady }: GatewayLife, { host, port, deps }: Serving): Promise<void> {
  const server = createServer();
  const { port: taken } = await listen(server, host, port);
  const url = addressOf(host, taken);
  // Until here nobody was told of the address, so no request can have come too early.
  const answer = getRequestListener(createApp(deps(url)).fetch);
  server.on('request', (request, response) => void answer(request, response));
  onReady({ url });
  await aborted(signal);
  await close(server);
}

// An IPv6 address stands in brackets.
const addressOf = (host: string, port: number): string => `http://${host.includes(':') ? `[${host}]` : host}:${port}`;

async function listen(server: Server, host: string, port: number): Promise<AddressInfo> {
  try {
    await once(server.listen(port, host), 'listening');
    return server.address() as AddressInfo;
  } catch (error) {
    const problem = `the gateway can't listen on ${host}:${port} (${(error as Error).message})`;
    throw new StartUpError(2, `${problem}; choose another --port or --host`, { cause: error });
  }
}

const aborted = async (signal: AbortSignal): Promise<void> => {
  if (!signal.aborted) await once(signal, 'abort');
};

/** What is being answered may end; who keeps a connection open without asking is sent away. */
async function close(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeIdleConnections();
  const late = setTimeout(() => server.closeAllConnections(), STOP_MS);
  await closed;
  clearTimeout(late);
}
