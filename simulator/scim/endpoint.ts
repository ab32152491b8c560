import type { Answer } from '../http/answer.js';
import { ApiError } from '../http/api-error.js';
import { bearerToken } from '../http/authenticate.js';
import type { Incoming, OpenHandler } from '../http/call.js';
import type { Simulation } from '../simulation.js';
import type { Org } from '../state/organisation.js';
import { ScimError } from './errors.js';

/** One SCIM request of an organisation's own token. */
export interface ScimCall {
  sim: Simulation;
  org: Org;
  params: Record<string, string>;
  query: Record<string, string>;
  body: unknown;
  /** Size of the body in bytes. */
  size: number;
}
export type ScimHandler = (call: ScimCall) => Answer;

/** Each kind of call has a window of its own. */
export interface ScimBudget {
  kind: string;
  credits: number | ((call: ScimCall) => number);
}

const MEDIA_TYPES = ['application/scim+json', 'application/json'];
const MOST_BYTES = 800_000;

/** Token, plan, media type, size and budget, then the operation. */
export function scim(budget: ScimBudget | undefined, handler: ScimHandler): OpenHandler {
  return (sim, incoming, params) => {
    const org = orgOf(sim, incoming);
    const call = { sim, org, params, query: incoming.query, body: bodyOf(incoming), size: incoming.body.length };
    if (budget) spend(call, budget);
    return handler(call);
  };
}

function orgOf(sim: Simulation, incoming: Incoming): Org {
  const token = bearerToken(incoming);
  const org = [...sim.world.orgs.values()].find((each) => each.scimToken === token);
  if (!org) throw new ScimError(401, 'Full authentication is required to access this resource');
  if (org.plan !== 'enterprise') throw new ScimError(403, 'SCIM integration is disabled');
  return org;
}

function bodyOf({ headers, body }: Incoming): unknown {
  if (body.length === 0) return undefined;
  const type = String(headers['content-type'] ?? '')
    .split(';')[0]!
    .trim()
    .toLowerCase();
  if (!MEDIA_TYPES.includes(type)) throw new ScimError(415, `Content type '${type}' not supported`);
  if (body.length > MOST_BYTES) throw new ScimError(413, `The request must have at most ${MOST_BYTES} bytes`);
  try {
    return JSON.parse(body.toString('utf8')) as unknown;
  } catch {
    throw new ScimError(400, 'The request body is no JSON', 'invalidSyntax');
  }
}

function spend(call: ScimCall, { kind, credits }: ScimBudget): void {
  const cost = typeof credits === 'number' ? credits : credits(call);
  if (!call.sim.scimCredits.charge(`scim:${call.org.id}:${kind}`, cost))
    throw new ApiError(429, 'tooManyRequests', 'Rate limit exceeded');
}
