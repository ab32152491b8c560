/** One of many processes that share a grant: makes as many calls as it is told, as activities do, until it is killed. */
import { setTimeout as delay } from 'node:timers/promises';
import { ApplicationFailure } from '@temporalio/common';
import type { Dispatcher } from 'undici';
import { isUnauthorized } from '../../activities/failure.js';
import { createGrants } from '../../activities/grants.js';
import { timings } from '../../activities/deps.js';
import { idKey } from '../../ids.js';
import { createMiro, createPool, createScim, MiroError, oauth, scimUrl } from '../../miro/index.js';
import { openDb } from '../../store/db.js';
import { openVault } from '../../store/vault.js';

/** What the process is started with. */
export interface CallerSettings {
  control: string;
  databaseUrl: string;
  vaultKeys: string;
  miroUrl: string;
  tenantId: string;
}

/** What it is told to do next. `die`: kills itself just before it sends an exchange, or as soon as that is answered. */
export interface Order {
  calls: number;
  /** So many calls at a time. */
  lanes: number;
  /** Tries each call again, as Temporal does, until it is fine or parked. */
  patient?: true;
  die?: 'before-send' | 'after-answer';
}

/** How its calls ended. */
export interface Report {
  fine: number;
  /** The grant is dead: a workflow would park. */
  parked: number;
  /** Temporal would try again: somebody else's refresh takes long, or the new token has expired as well. */
  again: number;
}

const { control, databaseUrl, vaultKeys, miroUrl, tenantId } = JSON.parse(process.argv[2] ?? '{}') as CallerSettings;
let order: Order = { calls: 0, lanes: 0 };

/** As a SIGKILL from outside, at exactly this moment. */
const dying: Dispatcher.DispatcherComposeInterceptor = (dispatch) => (options, handler) => {
  const isExchange = options.path === '/v1/oauth/token';
  if (isExchange && order.die === 'before-send') process.kill(process.pid, 'SIGKILL');
  if (!isExchange || order.die !== 'after-answer') return dispatch(options, handler);
  return dispatch(options, { ...bound(handler), onResponseStart: () => process.kill(process.pid, 'SIGKILL') });
};

const bound = (handler: Dispatcher.DispatchHandler): Dispatcher.DispatchHandler => ({
  onRequestStart: (...args) => handler.onRequestStart?.(...args),
  onResponseError: (...args) => handler.onResponseError?.(...args),
});

const dispatcher = createPool().compose(dying);
const db = openDb({ url: databaseUrl, max: 4 });
const miro = createMiro({ dispatcher, baseUrl: miroUrl });
const single = { httpMs: 3_000, leaseMs: 4_000, settleMs: 0 };
const grants = createGrants({
  ...{ db, vault: openVault(vaultKeys), dispatcher, miro, apiUrl: miroUrl },
  scim: createScim({ dispatcher, baseUrl: scimUrl(miroUrl) }),
  idKey: idKey(new Uint8Array(32)),
  timings: { ...timings(), single, shortWaitMs: 500 },
});
const account = { tenantId, connection: 'default' };

/** What a worker does with one call: once more after a 401. */
async function attempt(): Promise<void> {
  const held = await grants.getToken(account);
  const send = (token: typeof held.token) => miro.send(oauth.introspect(), { token, deadlineMs: 10_000 });
  try {
    await send(held.token);
  } catch (error) {
    if (!isUnauthorized(error)) throw error;
    await send((await grants.tokenAfter401(account, held)).token);
  }
}

async function call(): Promise<keyof Report> {
  try {
    await attempt();
    return 'fine';
  } catch (error) {
    if (error instanceof ApplicationFailure) return error.type === 'NeedsRelink' ? 'parked' : 'again';
    if (error instanceof MiroError) return 'again';
    throw error;
  }
}

async function carryOut({ calls, lanes, patient }: Order): Promise<Report> {
  const report: Report = { fine: 0, parked: 0, again: 0 };
  let left = calls;
  const lane = async (): Promise<void> => {
    while (left-- > 0) {
      let outcome = await call();
      while (patient && outcome === 'again') outcome = await delay(50).then(call);
      report[outcome] += 1;
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return report;
}

/** Tells what came of the last order and waits for the next. */
async function next(body: object): Promise<void> {
  const answer = await fetch(control, { method: 'POST', body: JSON.stringify({ pid: process.pid, ...body }) });
  order = (await answer.json()) as Order;
  await next({ report: await carryOut(order) });
}
await next({});
