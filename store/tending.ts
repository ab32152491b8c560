/** The daily look at every grant: who takes which one, so that none is forgotten, and none is looked at by two. */
import type { Db } from './db.js';

export interface DueGrant {
  grantId: string;
  kind: 'rest' | 'scim';
  tenantId: string;
  /** The name of a connection that uses it. */
  connection: string;
  generation: number;
  /** A pair so old that it must be renewed. */
  isStale: boolean;
  /** Whether its access token is still good. */
  isFresh: boolean;
}

/** Which part of the grants, from 0 to `shards` - 1. */
export interface Shard {
  shard: number;
  shards: number;
}

/** A refresh token dies after 60 days without use: there is time for many tries. */
const STALE = "interval '7 days'";
const EVERY = "interval '1 day'";

/**
 * Takes one grant of the shard that is due, the longest due first, for `leaseMs`: whoever doesn't say {@link tended} by
 * then leaves it to the next sweep. A grant that no connection uses is nobody's business.
 */
export async function takeDueGrant(
  db: Db,
  { shard, shards, leaseMs }: Shard & { leaseMs: number },
): Promise<DueGrant | undefined> {
  const [due] = await db.query<DueGrant>(
    `with due as (
       select g.id from miro.grants g where g.state = 'live' and g.check_after <= clock_timestamp()
         and (hashtext(g.id::text) & 65535) % $2 = $1
         and exists (select from miro.connections c where c.rest_grant_id = g.id or c.scim_grant_id = g.id)
       order by g.check_after, g.id limit 1 for no key update skip locked)
     update miro.grants g set check_after = clock_timestamp() + $3 * interval '1 ms' from due where g.id = due.id
     returning g.id as "grantId", g.kind, g.tenant_id as "tenantId", g.generation,
       (select c.name from miro.connections c where c.tenant_id = g.tenant_id and (c.rest_grant_id = g.id or c.scim_grant_id = g.id)
        order by c.created_at limit 1) as connection,
       g.refresh_token is not null and g.token_at < clock_timestamp() - ${STALE} as "isStale",
       coalesce(g.access_expires_at > clock_timestamp(), true) as "isFresh"`,
    [shard, shards, leaseMs],
  );
  return due;
}

/** It was looked at; it is due again a day after its last look. */
export async function tended(db: Db, grantId: string): Promise<void> {
  await db.query(
    `update miro.grants set checked_at = clock_timestamp(), check_after = clock_timestamp() + ${EVERY} where id = $1`,
    [grantId],
  );
}
