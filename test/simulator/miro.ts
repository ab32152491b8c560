import { afterAll, beforeAll } from 'vitest';
import { createSimulator, type RunningSimulator } from '../../simulator/app.js';
import type { SimulatorOptions } from '../../simulator/options.js';

/** What one request came to; `body` is the parsed JSON, or the text where it is none. */
export interface Reply {
  status: number;
  headers: Headers;
  text: string;
  // Answers of every kind pass through here; the tests say what they expect of them.
  body: Body;
}
/** JSON of any shape, so that a test can reach into it; every leaf may be used as a text. */
export type Body = Nested & string;
interface Nested {
  [key: string]: Body;
  [index: number]: Body;
}

export type Send = (method: string, path: string, body?: unknown, more?: { token?: string | null }) => Promise<Reply>;

/** A simulator for the tests of one file, and a way to talk to it as its first account. */
export function useSimulator(options: Partial<SimulatorOptions> = {}): { sim: () => RunningSimulator; send: Send } {
  let running: RunningSimulator | undefined;
  beforeAll(async () => {
    running = await createSimulator({ copyMs: 5, ...options }).start();
  });
  afterAll(() => running?.close());
  const sim = (): RunningSimulator => running!;
  return { sim, send: (method, path, body, more = {}) => send(sim(), method, path, body, more) };
}

async function send(
  sim: RunningSimulator,
  method: string,
  path: string,
  body: unknown,
  { token = sim.accessToken }: { token?: string | null },
): Promise<Reply> {
  const response = await fetch(`${sim.url}${path}`, {
    method,
    headers: {
      ...(token !== null && { authorization: `Bearer ${token}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, body: parse(text) };
}

function parse(text: string): Body {
  try {
    return JSON.parse(text) as Body;
  } catch {
    return {} as Body;
  }
}

/** A new board's path, ready for `${board}/items`. */
export async function newBoard(send: Send, more: Record<string, unknown> = {}): Promise<string> {
  const { body } = await send('POST', '/v2/boards', { name: 'A board', ...more });
  return `/v2/boards/${encodeURIComponent(body['id']!)}`;
}

export const act = (send: Send, input: Record<string, unknown>): Promise<Reply> => send('POST', '/_sim/act', input);
