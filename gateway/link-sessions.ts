/** `/v1/link-sessions`: a backend asks for a link, sends its user there, and takes the result. */
import { z } from 'zod';
import { findConnection } from '../store/connections.js';
import { createLinkSession, findLinkSession, takeLinkResult } from '../store/link-sessions.js';
import type { Route } from './api.js';
import { ensureTenantFor, mayUse } from './auth.js';
import type { GatewayContext, GatewayDeps } from './deps.js';
import { callbackUrl, requireApp, startUrl } from './link.js';
import { notFound, Refusal } from './refusal.js';
import { connectionName, readJson, tenantName } from './requests.js';
import { checkReturnUrl } from './return-url.js';

const newSession = z.strictObject({
  tenant: tenantName,
  connection: connectionName.default('default'),
  returnUrl: z.string().optional(),
  teamId: z
    .string()
    .regex(/^\d{1,32}$/, 'must be the id of a Miro team, digits only')
    .optional(),
  accept: z.strictObject({ otherUser: z.boolean(), fewerScopes: z.boolean() }).partial().default({}),
});

async function create(deps: GatewayDeps, c: GatewayContext): Promise<Response> {
  requireApp(deps);
  const { tenant, returnUrl, ...wanted } = await readJson(c, newSession);
  const target = returnUrl === undefined ? undefined : checkReturnUrl(returnUrl, deps);
  const { tenantId } = await ensureTenantFor(deps, c, tenant);
  const session = await createLinkSession(deps.db, {
    ...{ ...wanted, tenantId, redirectUri: callbackUrl(deps) },
    returnUrl: target,
  });
  return c.json({ id: session.id, url: startUrl(deps, session.startToken), expiresAt: session.expiresAt }, 201);
}

async function get(deps: GatewayDeps, c: GatewayContext): Promise<Response> {
  const { id, tenant, connection, expiresAt, ...session } = await sessionFor(deps, c);
  const why = session.state === 'refused' ? { reason: session.reason, missing: session.missing } : {};
  return c.json({ id, tenant, connection, state: session.state, ...why, expiresAt });
}

const resultBody = z.strictObject({ result: z.string().max(200) });

async function takeResult(deps: GatewayDeps, c: GatewayContext): Promise<Response> {
  const { id, tenantId, tenant, connection: name } = await sessionFor(deps, c);
  const { result } = await readJson(c, resultBody);
  const verdict = await takeLinkResult(deps.db, { id, result });
  if (verdict !== 'taken') throw verdict === 'gone' ? RESULT_GONE : NO_RESULT;
  const connection = await findConnection(deps.db, { tenantId, name });
  const { miroUserId: userId, teamId, orgId, scopes = [] } = connection?.rest ?? {};
  const linked = { state: 'linked', connectionId: connection?.connectionId, connection: name, tenant };
  return c.json({ ...linked, miro: { userId, teamId, orgId, scopes } });
}

const NO_RESULT = new Refusal(409, {
  code: 'no_result',
  message: 'This is not the result of this link session.',
  remedy: 'Send what the browser came back with as "result", for the session that you made for this browser.',
});
const RESULT_GONE = new Refusal(410, {
  code: 'result_gone',
  message: 'The result was taken before, or is older than ten minutes.',
  remedy: 'The account is linked all the same: look at the session or the connection.',
});

/** The session, for keys of its tenant. @throws Refusal 404, the same for none and for another tenant's */
async function sessionFor({ db }: GatewayDeps, c: GatewayContext) {
  const id = c.req.param('id') ?? '';
  const session = z.uuid().safeParse(id).success ? await findLinkSession(db, id) : undefined;
  if (!session || !mayUse(c.get('key'), session.tenant))
    throw notFound('such link session', 'Use the id that POST /v1/link-sessions has answered.');
  return session;
}

export const linkSessionRoutes: Route[] = [
  ['POST', '/v1/link-sessions', 'links:write', create],
  ['GET', '/v1/link-sessions/:id', 'links:write', get],
  ['POST', '/v1/link-sessions/:id/result', 'links:write', takeResult],
];
