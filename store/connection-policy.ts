/** What a connection asks of the jobs that use it, whatever their callers say. */
import type { JobKind } from '../contract.js';
import { json, type Db } from './db.js';

/** Kinds of job whose plan people may have to approve. */
export const APPROVED_KINDS = ['retroToTickets'] as const satisfies JobKind[];
export type ApprovedKind = (typeof APPROVED_KINDS)[number];

export interface ConnectionPolicy {
  /** How many people must approve the plan of a job of that kind before it writes. */
  approvals: Partial<Record<ApprovedKind, number>>;
}

/** @returns undefined when the tenant has no connection of that name. */
export async function findPolicy(
  db: Db,
  { tenantId, name }: { tenantId: string; name: string },
): Promise<ConnectionPolicy | undefined> {
  const [row] = await db.query<{ policy: Partial<ConnectionPolicy> }>(
    'select policy from miro.connections where tenant_id = $1 and name = $2',
    [tenantId, name],
  );
  return row && { approvals: row.policy.approvals ?? {} };
}

/** Sets how many people must approve jobs of the named kinds; the others stay. 0: nobody. Binds runs that have not asked yet. */
export async function setApprovals(
  db: Db,
  { tenantId, name, approvals }: { tenantId: string; name: string } & ConnectionPolicy,
): Promise<void> {
  await db.query(
    `update miro.connections set policy = policy || jsonb_build_object('approvals', coalesce(policy -> 'approvals', '{}') || $3::jsonb)
     where tenant_id = $1 and name = $2`,
    [tenantId, name, json(approvals)],
  );
}
