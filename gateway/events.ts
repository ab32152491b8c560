/** `/v1/events` and `/v1/webhook-endpoints`: what happened, to be read by cursor or delivered. */
import { z } from 'zod';
import { EVENT_TYPES } from '../contract.js';
import { relinkUrl, type DeadSecret } from '../ids.js';
import { readEvents, UnknownCursor } from '../store/events.js';
import {
  addEndpoint,
  enableEndpoint,
  EndpointRefused,
  listEndpoints,
  removeEndpoint,
  rotateEndpointSecret,
} from '../store/webhook-endpoints.js';
import type { Route } from './api.js';
import { tenantFor, tenantOrAll } from './auth.js';
import type { GatewayContext, GatewayDeps } from './deps.js';
import { badRequest, notFound } from './refusal.js';
import { parse, readJson, readQuery, tenantName } from './requests.js';

const eventTypes = z.array(z.enum(EVENT_TYPES)).min(1);

const eventsQuery = z.strictObject({
  tenant: tenantName.optional(),
  after: z.string().max(100).optional(),
  limit: z.coerce.number().int().min(1).max(500).default(100),
  types: z
    .string()
    .transform((list) => list.split(','))
    .pipe(eventTypes)
    .optional(),
});

async function read(deps: GatewayDeps, c: GatewayContext): Promise<Response> {
  const { tenant, ...wanted } = readQuery(c, eventsQuery);
  const { db, idKey, publicUrl } = deps;
  const scope = await tenantOrAll(deps, c, tenant);
  const url = (dead: DeadSecret): string => relinkUrl(idKey, publicUrl, dead);
  const page = await readEvents(db, { ...wanted, ...scope, relinkUrl: url }).catch((error: unknown) => {
    throw error instanceof UnknownCursor
      ? badRequest(`The query is not right: ${error.message}.`, 'Send "cursor" of the page before as "after".')
      : error;
  });
  return c.json(page);
}

const newEndpoint = z.strictObject({ tenant: tenantName, url: z.string(), types: eventTypes.optional() });

async function add(deps: GatewayDeps, c: GatewayContext): Promise<Response> {
  const { tenant, url, types } = await readJson(c, newEndpoint);
  const { tenantId } = await tenantFor(deps, c, tenant);
  const made = await addEndpoint(deps.db, deps.vault, { tenantId, url, types }).catch((error: unknown) => {
    throw error instanceof EndpointRefused
      ? badRequest(`The endpoint is refused: ${error.message}.`, 'docs/gateway.md says what endpoints may be.')
      : error;
  });
  return c.json({ id: made.endpointId, secret: made.secret }, 201);
}

async function list(deps: GatewayDeps, c: GatewayContext): Promise<Response> {
  const { tenant } = readQuery(c, z.strictObject({ tenant: tenantName }));
  const endpoints = await listEndpoints(deps.db, await tenantFor(deps, c, tenant));
  return c.json({ endpoints: endpoints.map(({ endpointId: id, ...endpoint }) => ({ id, ...endpoint })) });
}

async function remove(deps: GatewayDeps, c: GatewayContext): Promise<Response> {
  if (!(await removeEndpoint(deps.db, await endpointFor(deps, c)))) throw NO_ENDPOINT;
  return c.body(null, 204);
}

async function enable(deps: GatewayDeps, c: GatewayContext): Promise<Response> {
  if (!(await enableEndpoint(deps.db, await endpointFor(deps, c)))) throw NO_ENDPOINT;
  return c.body(null, 204);
}

async function rotate(deps: GatewayDeps, c: GatewayContext): Promise<Response> {
  const rotated = await rotateEndpointSecret(deps.db, deps.vault, await endpointFor(deps, c));
  if (!rotated) throw NO_ENDPOINT;
  return c.json(rotated);
}

const NO_ENDPOINT = notFound('such webhook endpoint', 'GET /v1/webhook-endpoints?tenant=… lists all.');

async function endpointFor(deps: GatewayDeps, c: GatewayContext): Promise<{ tenantId: string; endpointId: string }> {
  const { tenant, id } = parse(z.object({ tenant: tenantName, id: z.uuid() }), c.req.param(), 'address');
  const { tenantId } = await tenantFor(deps, c, tenant);
  return { tenantId, endpointId: id };
}

const ONE = '/v1/webhook-endpoints/:tenant/:id';

export const eventRoutes: Route[] = [
  ['GET', '/v1/events', 'events:read', read],
  ['POST', '/v1/webhook-endpoints', 'webhooks:write', add],
  ['GET', '/v1/webhook-endpoints', 'webhooks:write', list],
  ['DELETE', ONE, 'webhooks:write', remove],
  ['POST', `${ONE}/enable`, 'webhooks:write', enable],
  ['POST', `${ONE}/rotate`, 'webhooks:write', rotate],
];
