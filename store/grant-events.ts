/** What happens to a grant is told once for every connection that uses it. */
import type { EventType } from '../contract.js';
import type { Queryable } from './db.js';
import { recordEvent } from './events.js';

/**
 * Records an event for each connection that uses the grant, or only for `connectionId`: ids, the grant's present
 * generation, scopes, role and reason. To be called in the transaction that changed the grant, after the change.
 */
export async function recordGrantEvent(
  tx: Queryable,
  type: Extract<EventType, `connection.${string}`>,
  { grantId, connectionId = null }: { grantId: string; connectionId?: string | null },
): Promise<void> {
  const told = await tx.query<{ tenant_id: string; data: object }>(
    `select c.tenant_id, jsonb_strip_nulls(jsonb_build_object('connectionId', c.id, 'connection', c.name, 'grantId', g.id,
       'kind', g.kind, 'generation', g.generation, 'reason', g.reason, 'role', g.facts -> 'role', 'scopes', to_jsonb(nullif(g.scopes, '{}')))) as data
     from miro.grants g join miro.connections c on c.tenant_id = g.tenant_id and (c.rest_grant_id = g.id or c.scim_grant_id = g.id)
     where g.id = $1 and ($2::uuid is null or c.id = $2) order by c.id`,
    [grantId, connectionId],
  );
  for (const { tenant_id: tenantId, data } of told) await recordEvent(tx, { tenantId, type, data });
}
