import { Agent } from 'undici';
import type { Dispatcher } from 'undici';
import type { Call } from './call.js';
import type { Surface } from './operation.js';
import { request } from './request.js';
import type { Answer } from './request.js';
import type { RestToken, ScimToken } from './tokens.js';

export interface MiroOptions {
  /** Where requests go; without one a pool of keep-alive connections is made, and closed by `close`. */
  dispatcher?: Dispatcher;
  /** REST: https://api.miro.com, SCIM: https://miro.com/api/v1/scim. */
  baseUrl: string;
}

export interface HowToSend<Token extends string> {
  token: Token;
  /** For the whole exchange, body included. */
  deadlineMs: number;
  signal?: AbortSignal;
  /** Told of what was sent and what came back, failures included. */
  onAnswer?: (answer: Answer) => void;
}

interface Sender<S extends Surface, Token extends string> {
  /**
   * Sends a call once.
   * @throws MiroError and nothing else; a cancelled call is kind 'timeout'.
   */
  send<T>(call: Call<T, S>, how: HowToSend<Token>): Promise<T>;
  close(): Promise<void>;
}
export type Miro = Sender<'rest', RestToken>;
export type Scim = Sender<'scim', ScimToken>;

/** A client of Miro's REST API. It makes one attempt per call; who calls decides about another. */
export const createMiro = (options: MiroOptions): Miro => createSender(options);

/** Where SCIM calls of a site go. @param miroUrl https://miro.com */
export const scimUrl = (miroUrl: string): string => `${miroUrl.replace(/\/+$/, '')}/api/v1/scim`;

/** A client of Miro's SCIM API, as `createMiro`. Its errors name the base's path: a wrong base is the usual fault. */
export function createScim(options: MiroOptions): Scim {
  const basePath = new URL(options.baseUrl).pathname.replace(/\/+$/, '');
  const sender = createSender<'scim', ScimToken>(options);
  return { ...sender, send: (call, how) => sender.send({ ...call, template: basePath + call.template }, how) };
}

function createSender<S extends Surface, Token extends string>(options: MiroOptions): Sender<S, Token> {
  const dispatcher = options.dispatcher ?? createPool();
  return {
    send: (call, how) => request(call, { ...options, ...how, dispatcher }),
    close: async () => {
      if (!options.dispatcher) await dispatcher.close();
    },
  };
}

/** Keep-alive connections; the largest answers Miro gives are far below the limit on size. */
export const createPool = (): Agent =>
  new Agent({
    connections: 256,
    keepAliveTimeout: 20_000,
    connect: { timeout: 5_000 },
    maxResponseSize: 64 * 1024 ** 2,
  });
