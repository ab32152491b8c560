/** The gateway as one Hono app: pages for people, an API for backends. Testable with `app.request()`. */
import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { except } from 'hono/combine';
import { cors } from 'hono/cors';
import { createMiddleware } from 'hono/factory';
import { requestId } from 'hono/request-id';
import { addRoutes } from './api.js';
import { TenantErased } from '../store/tenants.js';
import { addressOf, authenticate } from './auth.js';
import { codecRoutes } from './codec.js';
import { connectionRoutes } from './connections.js';
import { controlRoutes } from './control.js';
import { eventRoutes } from './events.js';
import { linkPages, show } from './link-pages.js';
import type { GatewayContext, GatewayDeps, GatewayEnv } from './deps.js';
import { linkSessionRoutes } from './link-sessions.js';
import { metricRoutes } from './metrics.js';
import { openRoutes } from './open-routes.js';
import { PAGE_POLICY, PAGES } from './pages.js';
import { notFound, Refusal } from './refusal.js';
import { relinkPages } from './relink.js';
import { ticketRoutes } from './tickets.js';

const BODY_BYTES = 64 * 1024;
/** Temporal's own limit of a message is 4 MiB; base64 and JSON come on top. */
const PAYLOAD_BYTES = 6 * 1024 * 1024;

export function createApp(deps: GatewayDeps): Hono<GatewayEnv> {
  const app = new Hono<GatewayEnv>();
  app.use(requestId(), guardingHeaders(deps));
  app.use('/codec/*', uiAccess(deps));
  for (const path of ['/v1/*', '/codec/*', '/metrics']) app.use(path, authenticate(deps));
  app.use('/codec/*', bodyLimit({ maxSize: PAYLOAD_BYTES, onError: tooLarge }));
  app.use(except('/codec/*', bodyLimit({ maxSize: BODY_BYTES, onError: tooLarge })));
  for (const path of ['/link/*', '/relink/*']) app.use(path, limitForms(deps));
  app.route('/', linkPages(deps));
  app.route('/', relinkPages(deps));
  app.route('/', openRoutes(deps));
  addRoutes(app, deps, [...linkSessionRoutes, ...connectionRoutes, ...eventRoutes, ...controlRoutes]);
  addRoutes(app, deps, [...ticketRoutes, ...codecRoutes, ...metricRoutes]);
  app.notFound(() => {
    throw notFound('such address here', 'docs/gateway.md lists all.');
  });
  app.onError((error, c) => answerError(deps, error, c));
  return app;
}

/** The one part that pages of another origin may call: the Temporal UI, also with the cookie of a proxy that stands before it. */
const uiAccess = ({ uiOrigin }: GatewayDeps) =>
  cors({
    origin: uiOrigin ?? [],
    allowMethods: ['POST'],
    credentials: true,
    allowHeaders: ['X-Namespace', 'Content-Type', 'Authorization'],
  });

/** Also on errors: they are set when the answer is there. */
const guardingHeaders = ({ publicUrl }: GatewayDeps) =>
  createMiddleware<GatewayEnv>(async (c, next) => {
    await next();
    if (!c.res.headers.has('cache-control')) c.header('cache-control', 'no-store');
    c.header('content-security-policy', PAGE_POLICY);
    // With no-referrer a form would not say which page has sent it.
    c.header('referrer-policy', 'same-origin');
    c.header('x-content-type-options', 'nosniff');
    if (publicUrl.startsWith('https:')) c.header('strict-transport-security', 'max-age=31536000');
  });

/** Each form writes to the store, and needs no key. */
const limitForms = ({ limits }: GatewayDeps) =>
  createMiddleware<GatewayEnv>(async (c, next) => {
    if (c.req.method === 'POST') await limits.countForm(addressOf(c));
    await next();
  });

function tooLarge(): never {
  throw new Refusal(413, {
    code: 'too_large',
    message: 'The body is too large.',
    remedy: `Send at most ${BODY_BYTES / 1024} KB; payloads to decode ${PAYLOAD_BYTES / 1024} KB.`,
  });
}

/** Nobody outside sees more of an unforeseen error than the request's id; its message is in the log. */
function answerError(deps: GatewayDeps, error: Error, c: GatewayContext): Response | Promise<Response> {
  const id = c.get('requestId');
  const refusal = refusalOf(deps, error, c);
  if (refusal.retryAfterMs !== undefined) c.header('retry-after', String(Math.ceil(refusal.retryAfterMs / 1000)));
  const { status, code, message, remedy } = refusal;
  if (FOR_PEOPLE.test(c.req.path)) return show(c, PAGES.failed(id, status === 500 ? undefined : message), status);
  return c.json({ error: { code, message, remedy, requestId: id } }, status);
}

const FOR_PEOPLE = /^\/(link|relink|oauth)\//;

function refusalOf({ log }: GatewayDeps, error: Error, c: GatewayContext): Refusal {
  if (error instanceof Refusal) return error;
  if (error instanceof TenantErased)
    return new Refusal(409, { code: 'tenant_erased', message: 'This tenant was erased.', remedy: 'Use another name.' });
  log(`request ${c.get('requestId')} (${c.req.method} ${c.req.routePath}) failed: ${error.name}: ${error.message}`);
  return new Refusal(500, {
    code: 'internal',
    message: 'The gateway could not do that.',
    remedy: 'Try again; if it stays so, look for the request id in the gateway’s log.',
  });
}
