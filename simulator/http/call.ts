import type { Simulation } from '../simulation.js';
import type { App, Grant } from '../state/app.js';
import type { User } from '../state/organisation.js';
import type { Answer } from './answer.js';

/** A request as it came over the wire. */
export interface Incoming {
  method: string;
  path: string;
  query: Record<string, string>;
  headers: Record<string, string | string[] | undefined>;
  body: Buffer;
}

/** Who asks: the living grant behind a bearer token. */
export interface Actor {
  user: User;
  app: App;
  grant: Grant;
}

/** What a handler works on; query and body have been checked against the specification. */
export interface Call {
  sim: Simulation;
  incoming: Incoming;
  params: Record<string, string>;
  query: Record<string, string>;
  body: unknown;
  actor: Actor;
}

export type Handler = (call: Call) => Answer | Promise<Answer>;
export type Handlers = Record<string, Handler>;

/** Handlers of operations that need no bearer token; they do their own authentication. */
export type OpenHandler = (
  sim: Simulation,
  incoming: Incoming,
  params: Record<string, string>,
) => Answer | Promise<Answer>;

/** A path parameter that the route is known to have. */
export function param(call: Call, name: string): string {
  const value = call.params[name];
  if (value === undefined) throw new Error(`The route has no parameter ${name}.`);
  return value;
}
