/** What happened, for backends: written in the transaction that is its reason, read by cursor, delivered by webhooks. */
import { uuidv7 } from 'uuidv7';
import type { EventType } from '../contract.js';
import { json, type Queryable } from './db.js';

/** Records an event. `data` holds ids, counts and states: never a secret, never a name or e-mail. */
export async function recordEvent(
  tx: Queryable,
  { tenantId, type, data }: { tenantId: string; type: EventType; data: object },
): Promise<void> {
  await tx.query('insert into miro.events (tenant_id, id, type, data) values ($1, $2, $3, $4)', [
    ...[tenantId, uuidv7(), type, json(data)],
  ]);
}
