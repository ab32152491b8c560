/** `/v1/connections`: a tenant's Miro accounts. */
import { z } from 'zod';
import { relinkUrl } from '../ids.js';
import { findConnection, listConnections, type Connection } from '../store/connections.js';
import type { Route } from './api.js';
import { attachScimToken, attachToken } from './attach.js';
import { ensureTenantFor, tenantFor } from './auth.js';
import { checkConnection } from './check.js';
import { connectionView } from './connection-view.js';
import type { GatewayContext, GatewayDeps } from './deps.js';
import { notFound, Refusal } from './refusal.js';
import { connectionName, parse, readJson, readQuery, tenantName } from './requests.js';
import { revokeConnection } from './revoke.js';

async function list(deps: GatewayDeps, c: GatewayContext): Promise<Response> {
  const { tenant } = readQuery(c, z.strictObject({ tenant: tenantName }));
  const { tenantId } = await tenantFor(deps, c, tenant);
  const connections = await listConnections(deps.db, { tenantId });
  return c.json({ connections: connections.map((connection) => view(deps, tenant, connection)) });
}

async function get(deps: GatewayDeps, c: GatewayContext): Promise<Response> {
  const { tenant, connection } = await connectionFor(deps, c);
  return c.json(view(deps, tenant, connection));
}

async function check(deps: GatewayDeps, c: GatewayContext): Promise<Response> {
  const { tenant, connection } = await connectionFor(deps, c);
  return c.json({ tenant, connection: connection.name, ...(await checkConnection(deps, connection)) });
}

async function revoke(deps: GatewayDeps, c: GatewayContext): Promise<Response> {
  const { tenant, connection } = await connectionFor(deps, c);
  const { tenantId, name } = connection;
  return c.json({ tenant, connection: name, revoked: await revokeConnection(deps, { tenantId, name }) });
}

const accept = z.strictObject({ otherUser: z.boolean(), fewerScopes: z.boolean() }).partial().optional();
const tokenBody = z.strictObject({ accessToken: z.string().min(1).max(4_096), accept });
const scimBody = z.strictObject({ scimToken: z.string().min(1).max(4_096) });

async function putToken(deps: GatewayDeps, c: GatewayContext): Promise<Response> {
  const { tenant, name } = namesOf(c);
  const body = await readJson(c, tokenBody);
  const { tenantId } = await ensureTenantFor(deps, c, tenant);
  const answer = await attachToken(deps, { tenantId, name, ...body });
  if (answer.state === 'linked') return c.json(view(deps, tenant, answer.connection));
  const { reason, missing = [] } = answer;
  const why = reason === 'other_user' ? OTHER_USER : `may do less than the one before: ${missing.join(', ')}`;
  throw new Refusal(409, {
    code: reason,
    message: `The token ${why}.`,
    remedy: 'If that is meant, send "accept" with otherUser or fewerScopes set to true.',
  });
}

const OTHER_USER = 'is of another Miro user than the one before';

async function putScim(deps: GatewayDeps, c: GatewayContext): Promise<Response> {
  const { tenant, name } = namesOf(c);
  const { scimToken } = await readJson(c, scimBody);
  const { tenantId } = await ensureTenantFor(deps, c, tenant);
  return c.json(view(deps, tenant, await attachScimToken(deps, { tenantId, name, scimToken })));
}

function namesOf(c: GatewayContext): { tenant: string; name: string } {
  return parse(z.object({ tenant: tenantName, name: connectionName }), c.req.param(), 'address');
}

/** @throws Refusal 403 for tenants that the key may not use, 404 */
async function connectionFor(
  deps: GatewayDeps,
  c: GatewayContext,
): Promise<{ tenant: string; connection: Connection }> {
  const { tenant, name } = namesOf(c);
  const { tenantId } = await tenantFor(deps, c, tenant);
  const connection = await findConnection(deps.db, { tenantId, name });
  if (!connection) throw notFound(`connection "${name}" of "${tenant}"`, 'GET /v1/connections?tenant=… lists all.');
  return { tenant, connection };
}

/** With the address where a dead connection is linked again. */
function view({ idKey, publicUrl }: GatewayDeps, tenant: string, connection: Connection) {
  const { connectionId, rest } = connection;
  return {
    ...connectionView(tenant, connection),
    ...(rest?.state === 'needs_relink' && {
      relinkUrl: relinkUrl(idKey, publicUrl, { connectionId, ...rest }),
    }),
  };
}

const ONE = '/v1/connections/:tenant/:name';

export const connectionRoutes: Route[] = [
  ['GET', '/v1/connections', 'connections:read', list],
  ['GET', ONE, 'connections:read', get],
  ['GET', `${ONE}/check`, 'connections:read', check],
  ['DELETE', ONE, 'connections:write', revoke],
  ['PUT', `${ONE}/token`, 'connections:write', putToken],
  ['PUT', `${ONE}/scim`, 'connections:write', putScim],
];
