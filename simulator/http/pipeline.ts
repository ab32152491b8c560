import { SCIM_BASE, scimErrorAnswer } from '../scim/errors.js';
import { checkBody, checkQuery } from '../spec/check.js';
import type { Operation } from '../spec/operations.js';
import { recordAudit } from '../state/audit.js';
import type { Simulation } from '../simulation.js';
import type { Answer } from './answer.js';
import {
  ApiError,
  forbidden,
  invalid,
  methodNotSupported,
  noEndpoint,
  tokenNotProvided,
  tooManyRequests,
} from './api-error.js';
import { budgetKey } from './authenticate.js';
import { timesCharged, parseBody, withoutNulls } from './body.js';
import type { Actor, Incoming } from './call.js';
import type { Routes, Target } from './routes.js';

/** What came of a request, for the answer's headers and the log. */
export interface Handled {
  answer: Answer;
  credits: number;
}

/**
 * Miro's order of refusals: unknown route, no token, no credits left, missing scope or plan, bad parameters; then the
 * operation itself. A refused request costs its credits too, except 401 and 429.
 */
export async function handle(
  sim: Simulation,
  routes: Routes,
  incoming: Incoming,
  actor: Actor | undefined,
): Promise<Handled> {
  let credits = 0;
  try {
    const target = findTarget(routes, incoming);
    if ('open' in target.handler) return { answer: await target.handler.open(sim, incoming, target.params), credits };
    if (!actor) throw tokenNotProvided();
    const body = await parseBody(target.op, incoming);
    const cost = target.op.credits * timesCharged(target.op, body);
    if (!sim.credits.charge(budgetKey(actor), cost)) throw tooManyRequests();
    credits = cost;
    authorize(sim, target.op, actor);
    check(target.op, incoming, body);
    const { params, handler, op } = target;
    const answer = await handler.call({
      sim,
      incoming,
      params,
      query: incoming.query,
      body: withoutNulls(body),
      actor,
    });
    if (answer.status < 300) recordAudit(sim, op.id, actor.user, params);
    return { answer, credits };
  } catch (err) {
    if (err instanceof ApiError) return { answer: refusal(err, incoming), credits };
    throw err;
  }
}

/** A refusal as the surface of the path spells it: REST or SCIM. */
export const refusal = (err: ApiError, { path }: Incoming): Answer =>
  path.startsWith(SCIM_BASE) ? scimErrorAnswer(err) : err.toAnswer();

function findTarget(routes: Routes, incoming: Incoming): Target & { params: Record<string, string> } {
  const route = routes.find(incoming.method, incoming.path);
  if (route === 'no-path') throw noEndpoint(incoming.method, incoming.path);
  if (route === 'no-method') throw methodNotSupported(incoming.method);
  const target = route.targets.find((t) => t.applies(incoming));
  if (!target) throw new ApiError(415, 'unsupportedMediaType', 'Unsupported media type');
  return { ...target, params: route.params };
}

function authorize(sim: Simulation, op: Operation, { user, grant }: Actor): void {
  const missing = op.scopes.filter((scope) => !grant.scopes.includes(scope));
  if (missing.length > 0) throw forbidden(`Insufficient permissions. Required scopes: [${missing.join(', ')}]`);
  if (!op.enterprise) return;
  const org = sim.world.orgs.get(user.orgId);
  if (org?.plan !== 'enterprise') throw new ApiError(403, 'forbiddenAccess', 'Available only on the Enterprise plan');
  if (user.role !== 'organization_internal_admin')
    throw new ApiError(403, 'forbiddenAccess', 'Available only to company admins');
}

function check(op: Operation, incoming: Incoming, body: unknown): void {
  const fields = checkQuery(op.query, incoming.query);
  if (op.body && !op.multipart && !op.ownChecks) fields.push(...checkBody(op.body, body));
  if (fields.length > 0) throw invalid(fields);
}
