import { activityInfo } from '@temporalio/activity';
import { Webhook } from 'standardwebhooks';
import { request, type Dispatcher } from 'undici';
import { relinkUrl } from '../ids.js';
import { AddressNotPublic, createWebhookAgent, requirePublicHost } from '../public-address.js';
import { findEvent, type MiroEvent, type RelinkUrl } from '../store/events.js';
import {
  beginTry,
  endTry,
  findDelivery,
  hasAnsweredSince,
  type DeliveryKey,
  type DueDelivery,
} from '../store/webhook-deliveries.js';
import { disableEndpoint, signingSecrets } from '../store/webhook-endpoints.js';
import type { Deps } from './deps.js';
import { retryLater } from './failure.js';
import { createSlots } from './webhook-slots.js';

/** How an endpoint answered one try. */
interface Answer {
  /** Absent: it did not answer at all. */
  status?: number;
  retryAfterMs?: number;
  error?: string;
}

export interface Delivered {
  state: 'delivered' | 'given_up' | 'dropped';
}

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
/** Of the 50 single calls that a worker makes at once, and for one endpoint: one that hangs holds up neither jobs nor other endpoints. */
const SLOTS = { total: 20, perKey: 5 };

type WebhookDeps = Pick<Deps, 'db' | 'vault' | 'idKey' | 'timings' | 'publicUrl' | 'allowPrivateWebhooks'>;

export const createWebhookActivities = (deps: WebhookDeps) => {
  const allowPrivate = deps.allowPrivateWebhooks === true;
  const agent = createWebhookAgent({ allowPrivate });
  const slots = createSlots(SLOTS);
  return {
    /**
     * Sends an event to an endpoint, signed as Standard Webhooks has it.
     * Effect: send. At least once after a lost answer; the event's id, the same in every try, lets the receiver drop repeats.
     * @returns 'dropped' when event or endpoint are gone.
     * @throws ApplicationFailure Webhook.failed | Webhook.busy, to be retried after their delay
     */
    async sendWebhook(key: DeliveryKey): Promise<Delivered> {
      const due = await findDelivery(deps.db, key);
      if (!due) return { state: 'dropped' };
      if (due.state !== 'pending') return { state: due.state };
      if (due.disabled) return await giveUp(deps, key, { error: 'the endpoint is disabled' });
      const release = slots.take(key.endpointId);
      if (!release) throw busy();
      try {
        return await tryOnce(deps, agent, key, due);
      } finally {
        release();
      }
    },
  };
};

async function tryOnce(deps: WebhookDeps, agent: Dispatcher, key: DeliveryKey, due: DueDelivery): Promise<Delivered> {
  const { db, vault, idKey, publicUrl, timings } = deps;
  const relink: RelinkUrl | undefined =
    publicUrl === undefined ? undefined : (dead) => relinkUrl(idKey, publicUrl, dead);
  const event = await findEvent(db, { eventId: key.eventId, relinkUrl: relink });
  const secrets = await signingSecrets(db, vault, { ...due, endpointId: key.endpointId });
  const tries = await beginTry(db, key);
  if (!event || secrets.length === 0 || tries === 0) return { state: 'dropped' };
  const answer = await post(deps, agent, { url: due.url, event, secrets });
  if (answer.error === undefined) {
    await endTry(db, { ...key, state: 'delivered', status: answer.status });
    return { state: 'delivered' };
  }
  const delayMs = timings.webhook.retryMs[tries - 1];
  if (answer.status === 410 || delayMs === undefined) {
    await disableIfDead(deps, key, due, { ...answer, since: event.timestamp });
    return await giveUp(deps, key, answer);
  }
  await endTry(db, { ...key, state: 'pending', ...answer });
  const message = `try ${tries} of event ${key.eventId} at endpoint ${key.endpointId} failed: ${answer.error}`;
  throw retryLater('Webhook.failed', message, Math.max(delayMs, answer.retryAfterMs ?? 0));
}

/** 410 says so at once; else it is dead when it has taken nothing in all the time that one event was tried. */
async function disableIfDead(
  deps: WebhookDeps,
  key: DeliveryKey,
  { tenantId }: DueDelivery,
  { status, error, since }: Answer & { since: string },
): Promise<void> {
  if (status !== 410 && (await hasAnsweredSince(deps.db, key))) return;
  const reason = status === 410 ? 'it answered 410: gone' : `it took nothing since ${since}; last: ${error}`;
  await disableEndpoint(deps.db, { tenantId, endpointId: key.endpointId, reason });
}

async function giveUp(deps: WebhookDeps, key: DeliveryKey, { status, error }: Answer): Promise<Delivered> {
  await endTry(deps.db, { ...key, state: 'given_up', status, error });
  return { state: 'given_up' };
}

/** The longer the queue at this endpoint, the longer its deliveries stay away. */
function busy(): Error {
  const delayMs = Math.min(1_000 * 2 ** activityInfo().attempt, 5 * MINUTE_MS);
  return retryLater('Webhook.busy', 'this worker sends as much as it may at once; another try follows', delayMs);
}

/** One request. Redirects are not followed, and what the endpoint says beyond its status is not read. */
async function post(
  deps: WebhookDeps,
  agent: Dispatcher,
  { url, event, secrets }: { url: string; event: MiroEvent; secrets: string[] },
): Promise<Answer> {
  const { httpMs } = deps.timings.webhook;
  const body = JSON.stringify(event);
  const now = new Date();
  try {
    if (deps.allowPrivateWebhooks !== true) requirePublicHost(new URL(url));
    const {
      statusCode,
      headers,
      body: said,
    } = await request(url, {
      dispatcher: agent,
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'user-agent': 'temporal-miro',
        'webhook-id': event.id,
        'webhook-timestamp': String(Math.floor(now.getTime() / 1_000)),
        'webhook-signature': secrets.map((secret) => new Webhook(secret).sign(event.id, now, body)).join(' '),
      },
      body,
      signal: AbortSignal.timeout(httpMs),
    });
    said.on('error', ignore).destroy(); // the answer is its status; what follows may be long, or never end
    return answerOf(statusCode, headers);
  } catch (error) {
    return { error: wordsFor(error, httpMs) };
  }
}

function answerOf(status: number, headers: Record<string, string | string[] | undefined>): Answer {
  if (status >= 200 && status < 300) return { status };
  const redirects = status >= 300 && status < 400 ? '; redirects are not followed: give the final address' : '';
  const waits = status === 429 || status === 503 ? retryAfterOf(headers['retry-after']) : undefined;
  return { status, error: `it answered ${status}${redirects}`, ...(waits !== undefined && { retryAfterMs: waits }) };
}

/** Seconds or a date, as HTTP has it; a day at most. */
function retryAfterOf(header: string | string[] | undefined): number | undefined {
  const text = String(header);
  const ms = /^\d+$/.test(text) ? Number(text) * 1_000 : Date.parse(text) - Date.now();
  return Number.isNaN(ms) ? undefined : Math.min(ms, DAY_MS);
}

/** In our words and the code's, e.g. ECONNREFUSED: a message of the network's would name addresses. */
function wordsFor(error: unknown, httpMs: number): string {
  if (error instanceof AddressNotPublic) return error.message;
  const { name, code } = error as { name?: string; code?: string };
  if (name === 'TimeoutError') return `no answer within ${httpMs} ms`;
  return `it could not be reached (${code ?? name ?? 'unknown'})`;
}

function ignore(): void {}
