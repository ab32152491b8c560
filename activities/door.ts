/** What every start passes before anything is written: the input's schema, the installation, the scopes, the plan's hash. */
import type { BoardSpec, JobKind, ProvisionBoardInput } from '../contract.js';
import { idKeyCheck, keyHash, sha256, type JobKey } from '../ids.js';
import { InvalidInput, parseProvisionInput } from '../jobs/provision-board/input.js';
import { planText, type BoardPlan } from '../jobs/provision-board/plan.js';
import { specOf } from '../jobs/provision-board/spec.js';
import { missingScopes, REQUIREMENTS } from '../jobs/requirements.js';
import { findConnection } from '../store/connections.js';
import { findJob, type Job } from '../store/jobs.js';
import type { Deps } from './deps.js';
import { refuse } from './failure.js';

/** @throws ApplicationFailure Input.refused | Installation.mismatch | Codec.mismatch */
export function checkedInput(
  deps: Pick<Deps, 'idKey' | 'encrypts'>,
  raw: ProvisionBoardInput,
): { input: ProvisionBoardInput; spec: BoardSpec } {
  const { idKeyCheck: given, plaintext, ...request } = raw;
  requireSameInstallation(deps, { idKeyCheck: given, plaintext });
  try {
    const input = parseProvisionInput(request);
    return { input, spec: specOf(input) };
  } catch (error) {
    if (error instanceof InvalidInput) throw refuse('Input.refused', error.message);
    throw error;
  }
}

/** The caller has the workers' keys. @throws ApplicationFailure Installation.mismatch | Codec.mismatch */
export function requireSameInstallation(
  deps: Pick<Deps, 'idKey' | 'encrypts'>,
  { idKeyCheck: given, plaintext }: { idKeyCheck?: string | undefined; plaintext?: true | undefined },
): void {
  const own = idKeyCheck(deps.idKey);
  if (given !== undefined && given !== own) {
    const message = `the caller's installation key (check ${given}) is not the workers' (check ${own}); give both the same TEMPORAL_MIRO_ID_KEY`;
    throw refuse('Installation.mismatch', message);
  }
  if (plaintext && deps.encrypts) {
    const message = `the caller hands plain text to Temporal, where the workers encrypt; give it the workers' TEMPORAL_MIRO_CODEC_KEYS`;
    throw refuse('Codec.mismatch', message);
  }
}

/** What the job is known by. */
export const jobKeyOf = ({ tenant, key }: ProvisionBoardInput): JobKey => ({
  tenant,
  kind: 'provisionBoard' as const,
  key,
});

/** The episode that a run with this input works on, and its job where the store has one. */
export async function episodeFor(
  { db, idKey }: Pick<Deps, 'db' | 'idKey'>,
  tenantId: string,
  input: ProvisionBoardInput,
): Promise<{ keyHash: string; episode: number; job?: Job }> {
  const hash = keyHash(idKey, jobKeyOf(input));
  const known = await findJob(db, { tenantId, kind: 'provisionBoard', keyHash: hash });
  const episode = input.again ? input.again.after + 1 : (known?.episode ?? 1);
  return { keyHash: hash, episode, ...(known?.episode === episode ? { job: known } : {}) };
}

/** Binds a run to exactly these writes. */
export const planHash = (plan: BoardPlan): string => sha256(planText(plan));

/** @throws ApplicationFailure Connection.unknown | Scope.missing, before anything is written */
export async function requireConnection(
  { db }: Pick<Deps, 'db'>,
  { tenantId, name, kind }: { tenantId: string; name: string; kind: JobKind },
): Promise<void> {
  const found = await findConnection(db, { tenantId, name });
  if (found?.rest) return requireScopes(kind, found.rest.scopes, name);
  const message = `connectionId names no connection of this tenant: "${name}"; link one with: temporal-miro connections link ${name} (the worker makes "default" of the tenant "default" from MIRO_ACCESS_TOKEN)`;
  throw refuse('Connection.unknown', message);
}

function requireScopes(kind: JobKind, scopes: string[], connection: string): void {
  const missing = missingScopes(REQUIREMENTS[kind].scopes, scopes);
  if (missing.length === 0) return;
  throw refuse(
    'Scope.missing',
    `the token of connection "${connection}" lacks ${missing.join(' and ')}; add the scope to the Miro app and link the account again`,
  );
}
