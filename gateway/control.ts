/** `/v1/budget` and `/v1/pauses`: who uses how many credits, and what must not write at the moment. */
import { z } from 'zod';
import { JOB_KINDS } from '../jobs/requirements.js';
import { listPauses, pause, resume, type Pause, type PauseScope } from '../store/pauses.js';
import { budgetReport, usageReport } from '../store/usage.js';
import type { Route } from './api.js';
import { tenantOrAll } from './auth.js';
import type { GatewayContext, GatewayDeps } from './deps.js';
import { notFound } from './refusal.js';
import { connectionName, readJson, readQuery, tenantName } from './requests.js';

const budgetQuery = z.strictObject({
  tenant: tenantName.optional(),
  since: z.enum(['minute', 'hour', 'day']).default('hour'),
});

async function budget(deps: GatewayDeps, c: GatewayContext): Promise<Response> {
  const { tenant, since } = readQuery(c, budgetQuery);
  const scope = await tenantOrAll(deps, c, tenant);
  const [usage, budgets] = await Promise.all([usageReport(deps.db, { ...scope, since }), budgetReport(deps.db, scope)]);
  return c.json({ since, usage, budgets });
}

const pauseScope = z.strictObject({
  tenant: tenantName.optional(),
  connection: connectionName.optional(),
  jobKind: z.enum(JOB_KINDS).optional(),
});

async function list(deps: GatewayDeps, c: GatewayContext): Promise<Response> {
  const { tenant } = readQuery(c, z.strictObject({ tenant: tenantName.optional() }));
  const pauses = await listPauses(deps.db, await tenantOrAll(deps, c, tenant));
  return c.json({ pauses: pauses.map(view) });
}

async function put(deps: GatewayDeps, c: GatewayContext): Promise<Response> {
  const { reason, ...scope } = await readJson(
    c,
    pauseScope.extend({
      reason: z
        .string()
        .max(500)
        .regex(/^[^\0]*$/, 'must not hold NUL')
        .optional(),
    }),
  );
  return c.json(view(await pause(deps.db, { ...(await toScope(deps, c, scope)), reason })));
}

async function end(deps: GatewayDeps, c: GatewayContext): Promise<Response> {
  const ended = await resume(deps.db, await toScope(deps, c, readQuery(c, pauseScope)));
  if (!ended) throw notFound('pause of exactly that scope', 'GET /v1/pauses lists all.');
  return c.body(null, 204);
}

async function toScope(
  deps: GatewayDeps,
  c: GatewayContext,
  { tenant, connection, jobKind }: z.output<typeof pauseScope>,
): Promise<PauseScope> {
  return { ...(await tenantOrAll(deps, c, tenant)), connectionName: connection, jobKind };
}

const view = ({ tenant, connectionName: connection, jobKind, reason, pausedAt }: Pause) => ({
  ...{ tenant, connection, jobKind, reason, pausedAt },
});

export const controlRoutes: Route[] = [
  ['GET', '/v1/budget', 'budget:read', budget],
  ['GET', '/v1/pauses', 'pause:write', list],
  ['PUT', '/v1/pauses', 'pause:write', put],
  ['DELETE', '/v1/pauses', 'pause:write', end],
];
