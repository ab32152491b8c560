/** `/v1/tickets`: what is in the built-in tracker. */
import { z } from 'zod';
import { EXPORT_FORMATS, type ExportFormat } from '../jobs/retro-to-tickets/export-format.js';
import { exportTickets } from '../jobs/retro-to-tickets/export-tickets.js';
import { readTicketKey } from '../store/ticket-rows.js';
import { allTickets, findTicket, listTickets } from '../store/tickets.js';
import type { Route } from './api.js';
import { tenantFor } from './auth.js';
import type { GatewayContext, GatewayDeps } from './deps.js';
import { notFound } from './refusal.js';
import { parse, readQuery, tenantName } from './requests.js';

const ticketsQuery = z.strictObject({
  tenant: tenantName,
  tracker: z.string().max(100).optional(),
  status: z.string().max(200).optional(),
});

const pageQuery = ticketsQuery.extend({
  after: z
    .string()
    .max(100)
    .refine((key) => readTicketKey(key) !== undefined, 'is not the "cursor" of a page')
    .optional(),
  limit: z.coerce.number().int().min(1).max(500).default(100),
});

async function list(deps: GatewayDeps, c: GatewayContext): Promise<Response> {
  const { tenant, ...wanted } = readQuery(c, pageQuery);
  const { tenantId } = await tenantFor(deps, c, tenant);
  return c.json(await listTickets(deps.db, { tenantId, ...wanted }));
}

const CONTENT_TYPES: Record<ExportFormat, string> = {
  json: 'application/json',
  csv: 'text/csv; charset=utf-8',
  md: 'text/markdown; charset=utf-8',
};

async function download(deps: GatewayDeps, c: GatewayContext): Promise<Response> {
  const { tenant, format, ...wanted } = readQuery(
    c,
    ticketsQuery.extend({ format: z.enum(EXPORT_FORMATS).default('json') }),
  );
  const { tenantId } = await tenantFor(deps, c, tenant);
  const text = exportTickets(await allTickets(deps.db, { tenantId, ...wanted }), format);
  return c.body(text, 200, {
    'content-type': CONTENT_TYPES[format],
    'content-disposition': `attachment; filename="tickets.${format}"`,
  });
}

async function show(deps: GatewayDeps, c: GatewayContext): Promise<Response> {
  const { tenant, key } = parse(z.object({ tenant: tenantName, key: z.string().max(100) }), c.req.param(), 'address');
  const { tenantId } = await tenantFor(deps, c, tenant);
  const ticket = await findTicket(deps.db, { tenantId, key });
  if (!ticket) throw notFound('such ticket in the built-in tracker', 'GET /v1/tickets?tenant=… lists all.');
  return c.json(ticket);
}

export const ticketRoutes: Route[] = [
  ['GET', '/v1/tickets', 'tickets:read', list],
  ['GET', '/v1/tickets/export', 'tickets:read', download],
  ['GET', '/v1/tickets/:tenant/:key', 'tickets:read', show],
];
