/** Who calls: a backend with a bearer key. Refused unless a route says which scope it takes, and the key has it. */
import { createMiddleware } from 'hono/factory';
import { verifyKey, type ApiKey, type KeyScope } from '../store/api-keys.js';
import { ensureTenant, findTenant, type Tenant } from '../store/tenants.js';
import type { GatewayContext, GatewayDeps, GatewayEnv } from './deps.js';
import { Refusal } from './refusal.js';

/** Who sends the request, or the proxy before us. */
export const addressOf = (c: GatewayContext): string => c.env?.incoming?.socket.remoteAddress ?? 'unknown';

/** Lets pass whoever shows a good key. @throws Refusal 401 | 429 */
export const authenticate = ({ db, limits }: GatewayDeps) =>
  createMiddleware<GatewayEnv>(async (c, next) => {
    const [, text = ''] = /^Bearer +(\S+)$/i.exec(c.req.header('authorization') ?? '') ?? [];
    // Before any limit: behind a proxy all have one address, and a stranger's failures must not shut out a good key.
    const verdict = await verifyKey(db, text);
    if (verdict.state !== 'valid') {
      await limits.countFailure(addressOf(c));
      throw noKey(verdict.state);
    }
    await limits.countCall(verdict.key.id);
    c.set('key', verdict.key);
    await next();
  });

function noKey(state: 'unknown' | 'revoked' | 'expired'): Refusal {
  const problem = { unknown: 'is missing or wrong', revoked: 'was revoked', expired: 'has expired' }[state];
  return new Refusal(401, {
    code: 'unauthorized',
    message: `The bearer key ${problem}.`,
    remedy:
      'Send the header "Authorization: Bearer tmk_…" with a key that "temporal-miro keys create" has made; "keys list" shows all.',
  });
}

/** @throws Refusal 403 when the key is for other things */
export function requireScope(key: ApiKey, scope: KeyScope): void {
  if (key.scopes.includes(scope)) return;
  throw new Refusal(403, {
    code: 'scope_missing',
    message: `The key ${key.id} is not for ${scope}.`,
    remedy: `Make one with: temporal-miro keys create --scope ${scope}`,
  });
}

/** The tenant of that name. @throws Refusal 403, the same for a tenant that is not there and for one that the key may not use */
export async function tenantFor({ db }: GatewayDeps, c: GatewayContext, name: string): Promise<Tenant> {
  const tenant = mayUse(c.get('key'), name) ? await findTenant(db, name) : undefined;
  if (!tenant) throw foreignTenant(name);
  return tenant;
}

/** As {@link tenantFor}; a tenant that is new is made. */
export async function ensureTenantFor({ db }: GatewayDeps, c: GatewayContext, name: string): Promise<Tenant> {
  if (!mayUse(c.get('key'), name)) throw foreignTenant(name);
  return await ensureTenant(db, name);
}

/** What a query is about: that tenant, or without a name all of them, for keys of all. @throws Refusal 403 */
export async function tenantOrAll(
  deps: GatewayDeps,
  c: GatewayContext,
  name: string | undefined,
): Promise<{ tenantId?: string }> {
  if (name !== undefined) return { tenantId: (await tenantFor(deps, c, name)).tenantId };
  requireAllTenants(c.get('key'));
  return {};
}

/** @throws Refusal 403 when the key is for some tenants only */
export function requireAllTenants(key: ApiKey): void {
  if (key.tenants === undefined) return;
  throw new Refusal(403, {
    code: 'tenant_needed',
    message: `This is about all tenants, and the key ${key.id} is for some of them only.`,
    remedy: 'Name one of its tenants where the request takes one, or use a key for all tenants.',
  });
}

/** Whether the key is for that tenant. */
export const mayUse = ({ tenants }: ApiKey, tenant: string): boolean =>
  tenants === undefined || tenants.includes(tenant);

const foreignTenant = (name: string): Refusal =>
  new Refusal(403, {
    code: 'tenant_unknown',
    message: `There is no tenant "${name}" that this key may use.`,
    remedy: 'Check the name, or use a key for that tenant; linking its first account makes a tenant.',
  });
