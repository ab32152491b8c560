import { request as sendRequest, type Dispatcher } from 'undici';
import { TicketError } from './errors.js';
import type { HowToAsk } from './tracker.js';

export interface TrackerRequest {
  /** In errors, such as `GitHub: POST /repos/{owner}/{repo}/issues`: no query, no secret. */
  name: string;
  method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';
  url: string;
  headers: Record<string, string>;
  body?: string;
  /** Bytes of an answer that are read at most. */
  maxBytes: number;
}

export interface TrackerAnswer {
  status: number;
  /** By lower-case name. */
  headers: Record<string, string>;
  text: string;
}

/**
 * Sends one request once and reads its answer, whatever its status, except a redirect: none is followed, so no token goes to another host.
 * @throws TicketError timeout | unavailable | malformed (too long) | invalid (a redirect, or what can't be sent)
 */
export async function sendOnce(
  dispatcher: Dispatcher,
  request: TrackerRequest,
  { deadlineMs, signal }: HowToAsk,
): Promise<TrackerAnswer> {
  const progress = { sent: false };
  const patience = new AbortController();
  const giveUp = (): void => patience.abort();
  const timer = setTimeout(giveUp, deadlineMs);
  signal?.addEventListener('abort', giveUp, { once: true });
  if (signal?.aborted) giveUp();
  try {
    const answer = await untilAborted(patience.signal, () => transfer(dispatcher, request, patience.signal, progress));
    if (answer.status >= 300 && answer.status < 400) throw moved(request, answer.status);
    return answer;
  } catch (error) {
    throw error instanceof TicketError ? error : lost(request, error, progress.sent, patience.signal);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', giveUp);
  }
}

/** Who answers so to a write may have done it before: the redirect leads to what was made. */
const moved = ({ name, method }: TrackerRequest, status: number): TicketError =>
  new TicketError(`${name} answered ${status}: what is asked for has moved, and redirects are not followed`, {
    kind: 'invalid',
    written: writtenBy(method),
    status,
    remedy: 'give the present address, or the present name, in the settings of the tracker',
  });

/** undici heeds a signal only once it has a connection; what is given up before that is never sent. */
async function untilAborted<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  signal.throwIfAborted();
  const aborted = new Promise<never>((_, reject) =>
    signal.addEventListener('abort', () => reject(signal.reason as Error)),
  );
  return await Promise.race([work(), aborted]);
}

async function transfer(
  dispatcher: Dispatcher,
  { name, method, url, headers, body, maxBytes }: TrackerRequest,
  signal: AbortSignal,
  progress: { sent: boolean },
): Promise<TrackerAnswer> {
  const response = await sendRequest(url, {
    dispatcher: dispatcher.compose(noticeSending(progress)),
    method,
    headers,
    ...(body !== undefined && { body }),
    signal,
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  const status = response.statusCode;
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response.body as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBytes) throw tooLong(name, method, status, maxBytes);
    chunks.push(chunk);
  }
  const told = Object.entries(response.headers).map(([key, value]) => [key, [value].flat().join(', ')]);
  return {
    status,
    headers: Object.fromEntries(told) as Record<string, string>,
    text: Buffer.concat(chunks).toString(),
  };
}

const tooLong = (name: string, method: string, status: number, maxBytes: number): TicketError =>
  new TicketError(`${name} answered ${status} with more than ${maxBytes} bytes`, {
    kind: 'malformed',
    written: writtenBy(method),
    status,
  });

/** undici starts a request's handler when a connection is ready for it: a failure before that proves that nobody saw the request. */
function noticeSending(progress: { sent: boolean }): Dispatcher.DispatcherComposeInterceptor {
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

/** What a request has changed that was sent and has no good answer. */
export const writtenBy = (method: string): 'no' | 'unknown' => (method === 'GET' ? 'no' : 'unknown');

function lost({ name, method }: TrackerRequest, error: unknown, sent: boolean, patience: AbortSignal): TicketError {
  const written = sent ? writtenBy(method) : 'no';
  const stage = sent ? 'before its answer was complete' : 'before it was sent';
  if (patience.aborted) return new TicketError(`${name} was given up ${stage}`, { kind: 'timeout', written });
  const { code, name: kind, message } = error as { code?: unknown; name?: string; message?: string };
  if (typeof code === 'string' && /^[A-Z0-9_]+$/.test(code) && code !== 'UND_ERR_INVALID_ARG')
    return new TicketError(`${name} failed ${stage} (${code})`, { kind: 'unavailable', written });
  // Not the network's: an address where nothing may be sent, or what can't be put into a request.
  const why = kind === 'AddressNotPublic' ? (message ?? kind) : (kind ?? 'unknown');
  return new TicketError(`${name} failed ${stage}: ${why}`, { kind: sent ? 'unavailable' : 'invalid', written });
}
