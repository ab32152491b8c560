import { stringify } from 'lossless-json';
import { request as sendRequest } from 'undici';
import type { Dispatcher } from 'undici';
import type { Call } from './call.js';
import { MiroError } from './errors.js';
import { parseBody } from './json.js';
import type { Surface } from './operation.js';
import { startPatience } from './patience.js';
import { parseRateLimit } from './rate-limit.js';
import type { Headers, RateLimit } from './rate-limit.js';
import { readRefusal } from './refusal.js';

/** What became of one request; reported for failures too. */
export interface Answer {
  operation: string;
  credits: number;
  /** False if the request never left: it cost no credits. */
  sent: boolean;
  status?: number;
  rateLimit?: RateLimit;
  /** Epoch ms. */
  sentAtMs: number;
  tookMs: number;
}

export interface SendOptions {
  dispatcher: Dispatcher;
  baseUrl: string;
  /** Sent as bearer token; OAuth exchanges have none. */
  token?: string;
  /** Texts that must not come up in an error, beside the token. */
  secrets?: string[];
  /** For the whole exchange: connecting, headers and body. */
  deadlineMs: number;
  signal?: AbortSignal;
  onAnswer?: (answer: Answer) => void;
}

/** How far a request came. */
interface Progress {
  /** Set just before the first byte is written to a connection. */
  sent: boolean;
  status?: number;
  headers?: Headers;
  text?: string;
}

/**
 * The one door to Miro: sends a call once, reads its answer.
 * @throws MiroError and nothing else; `written` is decided here and in refusal.ts.
 */
export async function request<T, S extends Surface>(call: Call<T, S>, options: SendOptions): Promise<T> {
  const progress: Progress = { sent: false };
  const sentAtMs = Date.now();
  const startedMs = performance.now();
  try {
    await exchange(call, options, progress);
  } finally {
    options.onAnswer?.({
      operation: call.operation,
      credits: call.credits,
      sent: progress.sent,
      status: progress.status,
      rateLimit: progress.headers && parseRateLimit(progress.headers, Date.now()),
      sentAtMs,
      tookMs: performance.now() - startedMs,
    });
  }
  return read(call, options, progress);
}

async function exchange(call: Call<unknown, Surface>, options: SendOptions, progress: Progress): Promise<void> {
  const patience = startPatience(options.deadlineMs, options.signal);
  try {
    patience.signal.throwIfAborted();
    // undici heeds a signal only once it has a connection; what is given up before that is never sent.
    await Promise.race([transfer(call, options, progress, patience.signal), patience.gaveUp]);
  } catch (error) {
    throw lost(call, error, progress, patience.over());
  } finally {
    patience.end();
  }
}

async function transfer(
  call: Call<unknown, Surface>,
  { baseUrl, token, dispatcher }: SendOptions,
  progress: Progress,
  signal: AbortSignal,
): Promise<void> {
  const response = await sendRequest(baseUrl.replace(/\/+$/, '') + call.path + queryString(call.query), {
    method: call.method,
    ...(await encode(call, token)),
    signal,
    dispatcher: dispatcher.compose(noticeSending(progress)),
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  progress.status = response.statusCode;
  progress.headers = response.headers;
  progress.text = await response.body.text();
}

/**
 * undici starts a request's handler when a connection is ready for it, so a failure before that (refused,
 * no such host, handshake, given up while queued) proves that Miro never saw the request.
 */
function noticeSending(progress: Progress): Dispatcher.DispatcherComposeInterceptor {
  return (dispatch) => (options, handler) =>
    dispatch(options, {
      onRequestStart: (controller, context) => {
        handler.onRequestStart?.(controller, context);
        progress.sent = !controller.aborted;
      },
      onRequestUpgrade: (...given) => handler.onRequestUpgrade?.(...given),
      onResponseStart: (...given) => handler.onResponseStart?.(...given),
      onResponseData: (...given) => handler.onResponseData?.(...given),
      onResponseEnd: (...given) => handler.onResponseEnd?.(...given),
      onResponseError: (...given) => handler.onResponseError?.(...given),
    });
}

function queryString(query: Record<string, string | string[]> = {}): string {
  // Not URLSearchParams: its "+" for a space is not understood everywhere outside of forms.
  const pairs = Object.entries(query).flatMap(([name, values]) =>
    [values].flat().map((value) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`),
  );
  return pairs.length > 0 ? `?${pairs.join('&')}` : '';
}

async function encode({ surface, body }: Call<unknown, Surface>, token: string | undefined) {
  const json = surface === 'scim' ? 'application/scim+json' : 'application/json';
  const headers: Record<string, string> = { accept: json, 'user-agent': 'temporal-miro' };
  if (token !== undefined) headers['authorization'] = `Bearer ${token}`;
  if (body === undefined) return { headers };
  if (!(body instanceof FormData || body instanceof URLSearchParams)) {
    return { headers: { ...headers, 'content-type': json }, body: stringify(body) };
  }
  const form = new Response(body);
  const contentType = form.headers.get('content-type') ?? '';
  return { headers: { ...headers, 'content-type': contentType }, body: Buffer.from(await form.arrayBuffer()) };
}

/** These tell that there was a connection, also where someone else's dispatcher does not report the sending. */
const BROKEN_CONNECTION = new Set(['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET']);

/** The error for an exchange without a complete answer. */
function lost(
  { method, template, operation, write }: Call<unknown, Surface>,
  error: unknown,
  progress: Progress,
  over: 'deadline' | 'caller' | undefined,
): MiroError {
  const { status } = progress;
  const code = networkCode(error);
  const sent = progress.sent || BROKEN_CONNECTION.has(code ?? '');
  const facts = { operation, written: write && sent ? 'unknown' : 'no', status, sent } as const;
  const stage = sent ? (status === undefined ? 'before an answer' : `amid the answer ${status}`) : 'before it was sent';
  if (over) {
    const what = over === 'caller' ? 'was cancelled' : 'ran out of time';
    return new MiroError(`${method} ${template} ${what} ${stage}`, { ...facts, kind: 'timeout' });
  }
  // Not the network's: what can't be put into a request, such as a body that holds itself, never will be.
  const unsendable = !sent && (code === undefined || code === 'UND_ERR_INVALID_ARG');
  const kind = unsendable ? 'invalid' : 'unavailable';
  return new MiroError(`${method} ${template} failed ${stage} (${code ?? 'no network error'})`, { ...facts, kind });
}

/** Such as ECONNREFUSED; the rest of a network error may quote the request. */
function networkCode(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' && /^[A-Z0-9_]+$/.test(code) ? code : undefined;
}

function read<T>(call: Call<T, Surface>, { token, secrets = [] }: SendOptions, progress: Progress): T {
  const { status = 0, headers = {}, text = '' } = progress;
  const body = parseBody(text);
  if (status < 200 || status > 299) {
    throw readRefusal(call, { status, headers, body, secrets: token === undefined ? secrets : [token, ...secrets] });
  }
  if (body.kind === 'other') throw malformed(call, status, 'with something that is not JSON');
  const result = call.schema.safeParse(body.value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const place = issue?.path.join('.') || 'the answer';
  throw malformed(call, status, `but ${place} is missing or not as expected (${issue?.code ?? 'unknown'})`);
}

function malformed(call: Call<unknown, Surface>, status: number, problem: string): MiroError {
  return new MiroError(`${call.method} ${call.template} answered ${status} ${problem}`, {
    kind: 'malformed',
    written: call.write ? 'unknown' : 'no',
    operation: call.operation,
    status,
  });
}
