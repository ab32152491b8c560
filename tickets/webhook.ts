/**
 * The caller's own product as the tracker: each call is a POST to its address, signed as Standard Webhooks has it
 * (https://www.standardwebhooks.com). A receiver must
 *  1. verify the signature over the raw body before anything else;
 *  2. answer `ticket.create` and `ticket.comment` of one `webhook-id` with one and the same ticket or comment, however often they come: a message
 *     whose answer was lost comes again with its `webhook-id`. The other messages set something, and may simply be done again;
 *  3. answer 2xx with JSON: `{ id, key?, url?, revision? }`; 4xx with `{ message }` for a ticket that it refuses; 429 or 503 with `Retry-After` to be
 *     asked later. Redirects are not followed.
 * docs/trackers.md has the messages and a receiver that runs.
 */
import { randomUUID } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { z } from 'zod';
import { addressSchema } from './address.js';
import { kindOfStatus, retryAfterMs, TicketError, writtenAfter } from './errors.js';
import { sendOnce, type TrackerAnswer } from './request.js';
import type { TrackerLine, TrackerSettings } from './settings.js';
import type { Capabilities, HowToAsk, TicketState, Tracker, TrackerProblem, Wanted } from './tracker.js';
import {
  anythingSchema,
  checkSchema,
  stateSchema,
  ticketSchema,
  WEBHOOK_ABILITIES,
  type WebhookAbility,
  type WebhookMessage,
} from './webhook-messages.js';

export const webhookConfigSchema = z
  .strictObject({
    url: addressSchema,
    supports: z.array(z.enum(WEBHOOK_ABILITIES)).default([]).describe('What the receiver does beside making tickets'),
  })
  .refine(({ supports }) => !supports.includes('take_back') || supports.includes('get'), {
    path: ['supports'],
    message: 'take_back needs get: a ticket is only taken back if nobody has touched it since',
  })
  .refine(({ supports }) => !supports.includes('update') || supports.includes('get'), {
    path: ['supports'],
    message: 'update needs get: a ticket is only updated if nobody has changed it since',
  });
type WebhookConfig = z.infer<typeof webhookConfigSchema>;

/** How a message is sent; the id is the receiver's idempotency key. */
interface Message<T> {
  type: WebhookMessage;
  id: string;
  data: unknown;
  answer: z.ZodType<T>;
}

const MAX_ANSWER = 1024 * 1024;
const HEADERS = { 'content-type': 'application/json', accept: 'application/json', 'user-agent': 'temporal-miro' };

type Send = <T>(message: Message<T>, how: HowToAsk) => Promise<T>;

/** @param settings whose secret signs: `whsec_` and base64 */
export function createWebhook(settings: TrackerSettings, line: TrackerLine): Tracker {
  const config = webhookConfigSchema.parse(settings.config);
  const send = createSend(config.url, settings.secret ?? '', line);
  const ability = (type: WebhookAbility): WebhookAbility => {
    if (!config.supports.includes(type)) throw unsupported(type);
    return type;
  };
  return {
    kind: 'webhook',
    capabilities: capabilitiesOf(config),
    check: (wanted, how) => check(config, send, wanted, how),
    findByMarker: () => Promise.resolve({ found: [] }),
    async create(draft, how) {
      const message = { type: 'create', id: draft.marker, data: draft, answer: stateSchema } as const;
      return stateOf(await send(message, how));
    },
    async update(id, change, how) {
      const type = ability('update');
      return stateOf(await send({ type, id: newId(), data: { id, change }, answer: stateSchema }, how));
    },
    async comment(id, { marker, body }, how) {
      const type = ability('comment');
      return stateOf(await send({ type, id: marker, data: { id, marker, body }, answer: stateSchema }, how));
    },
    async link(id, otherId, how) {
      await send({ type: ability('link'), id: newId(), data: { id, otherId }, answer: anythingSchema }, how);
    },
    shown: ({ title, body }) => ({ title, body }),
    async get(id, how) {
      const message = { type: ability('get'), id: newId(), data: { id }, answer: ticketSchema };
      const found = await unlessGone(() => send(message, how));
      return found ? { ...stateOf(found), title: found.title, body: found.body, closed: found.closed } : undefined;
    },
    async takeBack(id, how) {
      const type = ability('take_back');
      await unlessGone(() => send({ type, id: newId(), data: { id }, answer: anythingSchema }, how));
    },
    findAccount: () => Promise.resolve(undefined),
  };
}

const capabilitiesOf = ({ supports }: WebhookConfig): Capabilities => ({
  createdOnce: 'idempotent',
  settleMs: 0,
  concurrency: 4,
  fields: ['labels', 'type', 'status', 'priority', 'parent', 'assignee'],
  ownFields: true,
  reads: supports.includes('get'),
  comments: supports.includes('comment'),
  updates: supports.includes('update'),
  links: supports.includes('link'),
  undo: supports.includes('take_back') ? 'close' : 'none',
});

const unsupported = (type: WebhookAbility): TicketError =>
  new TicketError(`the receiver of the tickets is not said to support ${type}`, {
    kind: 'invalid',
    written: 'no',
    remedy: `if it does, add ${type} to supports in the settings of the tracker`,
  });

/** What sets or reads something may be done again: each such message is one of its own. */
const newId = (): string => `msg_${randomUUID()}`;

async function check(config: WebhookConfig, send: Send, wanted: Wanted, how: HowToAsk): Promise<TrackerProblem[]> {
  const answer = await askToCheck(send, { wanted, supports: config.supports }, how);
  if (answer instanceof TicketError)
    return [{ what: answer.message, remedy: answer.remedy ?? 'look at the address, and at the log of the receiver' }];
  const { problems = [], supports } = answer ?? {};
  const missing = config.supports.filter((ability) => supports && !supports.includes(ability));
  return [
    ...problems,
    ...missing.map((ability) => ({
      what: `the receiver does not support ${ability}`,
      remedy: `take ${ability} out of supports in the settings of the tracker`,
    })),
  ];
}

/** @returns an error that stays until somebody mends it. @throws TicketError for one that may pass by itself */
async function askToCheck(
  send: Send,
  data: unknown,
  how: HowToAsk,
): Promise<z.infer<typeof checkSchema> | TicketError> {
  try {
    return await send({ type: 'check', id: newId(), data, answer: checkSchema }, how);
  } catch (error) {
    const passes = ['rate_limited', 'timeout', 'unavailable'];
    if (error instanceof TicketError && !passes.includes(error.kind)) return error;
    throw error;
  }
}

async function unlessGone<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof TicketError && error.kind === 'not_found') return undefined;
    throw error;
  }
}

/** A receiver that tells no revision: whether somebody has changed the ticket is not known, so it counts as changed. */
const stateOf = ({ id, key, url, revision }: z.infer<typeof stateSchema>): TicketState => ({
  id,
  key: key ?? id,
  ...(url !== undefined && { url }),
  revision: revision ?? 'unknown',
});

function createSend(url: string, secret: string, line: TrackerLine): Send {
  return async ({ type, id, data, answer: schema }, how) => {
    const name = `the receiver of the tickets: ticket.${type}`;
    const body = JSON.stringify({ type: `ticket.${type}`, timestamp: new Date().toISOString(), data });
    const headers = { ...HEADERS, ...signed(secret, id, body) };
    await line.requirePublic(url);
    const answer = await sendOnce(
      line.dispatcher,
      { name, method: 'POST', url, headers, body, maxBytes: MAX_ANSWER },
      how,
    );
    if (answer.status < 200 || answer.status > 299) throw refused(name, answer);
    const read = schema.safeParse(parsed(answer.text));
    if (read.success) return read.data;
    const place = read.error.issues[0]?.path.join('.') || 'the answer';
    throw new TicketError(`${name} answered ${answer.status}, but ${place} is missing or not as expected`, {
      kind: 'malformed',
      written: 'unknown',
      status: answer.status,
    });
  };
}

function signed(secret: string, id: string, body: string): Record<string, string> {
  const now = new Date();
  return {
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(now.getTime() / 1_000)),
    'webhook-signature': new Webhook(secret).sign(id, now, body),
  };
}

/** @returns undefined for what is no JSON, and for nothing */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

const WORDS_MAX = 300;
const wordsSchema = z.object({ message: z.string() });

function refused(name: string, { status, text, headers }: TrackerAnswer): TicketError {
  const words = wordsSchema.safeParse(parsed(text));
  const waits = retryAfterMs(headers['retry-after']);
  return new TicketError(
    `${name} answered ${status}${words.success ? `: ${words.data.message.slice(0, WORDS_MAX)}` : ''}`,
    {
      kind: status === 503 && waits !== undefined ? 'rate_limited' : kindOfStatus(status),
      written: writtenAfter(status),
      status,
      retryAfterMs: waits,
      remedy: status === 401 ? 'give tracker and receiver the same signing secret' : undefined,
    },
  );
}
