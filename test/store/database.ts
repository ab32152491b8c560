/** A migrated database per test file, with a tenant and what most tests start from. */
import { randomUUID } from 'node:crypto';
import { openDb, type Db } from '../../store/db.js';
import { openJob, type OpenedJob, type OpenJobInput } from '../../store/jobs.js';
import type { ClaimInput } from '../../store/ledger.js';
import { ensureTenant } from '../../store/tenants.js';
import { newVaultKeys, openVault, type Vault } from '../../store/vault.js';
import { createTestDatabase } from '../harness.js';

export interface TestStore {
  url: string;
  db: Db;
  vault: Vault;
  tenantId: string;
  close(): Promise<void>;
}

export async function createTestStore(): Promise<TestStore> {
  const { url, drop } = await createTestDatabase();
  const db = openDb({ url });
  const { tenantId } = await ensureTenant(db, 'acme');
  const close = async () => {
    await db.close();
    await drop();
  };
  return { url, db, vault: openVault(newVaultKeys()), tenantId, close };
}

/** Input of openJob for a key that nobody has used yet. */
export function jobInput({ tenantId }: Pick<TestStore, 'tenantId'>, changes: Partial<OpenJobInput> = {}): OpenJobInput {
  const keyHash = randomUUID();
  return {
    tenantId,
    kind: 'provisionBoard',
    keyHash,
    workflowId: `provisionBoard:acme:${keyHash}`,
    runId: randomUUID(),
    spec: { name: 'Retro' },
    specHash: 'h1',
    options: {},
    ...changes,
  };
}

export async function openNewJob(store: TestStore, changes: Partial<OpenJobInput> = {}): Promise<OpenedJob> {
  return opened(await openJob(store.db, jobInput(store, changes)));
}

export function opened(answer: Awaited<ReturnType<typeof openJob>>): OpenedJob {
  if ('refused' in answer) throw new Error(`refused: ${answer.refused}`);
  return answer;
}

/** A claim that lives for a minute, of an effect whose objects turn up at once. */
export function claimInput(job: OpenedJob, changes: Partial<ClaimInput> = {}): ClaimInput {
  const { tenantId, jobId, runId } = job;
  const effect = { key: 'board:board', step: 'board', subject: 'board', kind: 'create' as const };
  return { tenantId, jobId, runId, ...effect, leaseMs: 60_000, settleMs: 0, ...changes };
}

/** Ends every lease of the job now, as if that much time had passed. */
export async function expireLeases({ db }: TestStore, jobId: string): Promise<void> {
  await db.query(
    `with past as (select clock_timestamp() - interval '1 ms' as at),
     attempts as (
       update miro.attempts set lease_until = at from past where lease_until > at
         and effect_id in (select id from miro.effects where job_id = $1))
     update miro.effects set lease_until = at from past where job_id = $1 and lease_until > at`,
    [jobId],
  );
}
