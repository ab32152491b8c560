/** `temporal-miro tenants erase`: ends what runs for a tenant, gives its accounts up at Miro, and deletes what is stored of it. */
import { setTimeout as delay } from 'node:timers/promises';
import { isGrpcServiceError, WorkflowNotFoundError, type Client } from '@temporalio/client';
import { Command } from 'commander';
import { Refusal } from '../../gateway/refusal.js';
import { revokeSecret, type Revoked } from '../../gateway/revoke.js';
import { beginRevokeAll, type RevokedSecret } from '../../store/connections.js';
import { beginErasure, finishErasure } from '../../store/erase.js';
import { listTenants, type Tenant } from '../../store/tenants.js';
import { withAccounts, type AccountServices } from './accounts.js';
import { EXIT, type ExitCode } from './exit-codes.js';
import { tenantArgument, tenantOf } from './find-connection.js';
import { createOutput, type Output } from './output.js';
import { withTemporal } from './services.js';
import { sharedOptions, type SharedOptions } from './shared-options.js';
import { environmentOf } from './state-folder.js';

interface EraseOptions extends SharedOptions {
  yes?: boolean;
  leaveTokens?: boolean;
}

/** Longer than a run needs to settle what it has begun, if a worker is there. */
const SETTLE_MS = 30_000;
const LOOK_MS = 500;
/** gRPC's code. */
const NOT_FOUND = 5;

export function eraseCommand(): Command {
  return sharedOptions(new Command('erase').addArgument(tenantArgument()))
    .summary('erase a tenant for good')
    .description(
      'Shows what would go. With --yes it cancels the tenant’s runs, revokes its tokens at Miro, destroys its key, and deletes its rows, its schedules and what Temporal keeps of its runs. Boards at Miro stay. Safe to repeat when it was killed.',
    )
    .option('--yes', 'really do it')
    .option('--leave-tokens', 'erase also where Miro does not let a token be revoked now; it dies by itself or by hand')
    .addHelpText(
      'after',
      '\nExamples:\n  $ temporal-miro tenants erase acme\n  $ temporal-miro tenants export acme --out acme.jsonl && temporal-miro tenants erase acme --yes',
    )
    .action(async (name: string, options: EraseOptions) => {
      const env = await environmentOf(options);
      const output = createOutput(options);
      process.exitCode = await withAccounts(env, output.note, async (services) => {
        const tenant = await tenantOf(services.db, name);
        if (!options.yes) return show(services, tenant, output);
        return withTemporal(env, ({ client }) => erase({ services, client, output, options }, tenant));
      });
    });
}

async function show({ db }: AccountServices, tenant: Tenant, output: Output): Promise<ExitCode> {
  const listed = (await listTenants(db)).find(({ tenantId }) => tenantId === tenant.tenantId);
  const { connections = 0, jobs = 0, runs = 0 } = listed ?? {};
  output.answer(
    { tenant: tenant.name, erased: false, connections, jobs, runs },
    () =>
      `These would go: ${connections} connections, ${jobs} jobs, ${runs} of them running.\nNothing was erased; --yes does it.`,
  );
  return EXIT.notFinished;
}

interface Erasure {
  services: AccountServices;
  client: Client;
  output: Output;
  options: EraseOptions;
}

async function erase(erasure: Erasure, { tenantId, name: tenant }: Tenant): Promise<ExitCode> {
  const { services, client, output } = erasure;
  await beginErasure(services.db, tenantId);
  const schedules = await deleteSchedules(client, tenant);
  const ended = await endRuns(client, tenant, output);
  const revoked: GivenUp[] = [];
  for (const secret of await beginRevokeAll(services.db, services.vault, tenantId))
    revoked.push(await giveUp(erasure, secret));
  for (const { connection = 'an account that was replaced', remedy } of revoked)
    if (remedy !== undefined) output.note(`${connection}: ${remedy}`);
  const histories = await deleteHistories(client, tenant);
  const { rows } = await finishErasure(services.db, tenantId);
  output.answer(
    { tenant, erased: true, ...ended, schedules, histories, revoked, rows },
    () =>
      `Erased "${tenant}": ${ended.cancelled + ended.terminated} runs ended, ${revoked.length} tokens given up, ${histories} histories and ${rows} rows deleted.`,
  );
  return EXIT.done;
}

type GivenUp = Revoked & { connection?: string };

/** @throws Refusal when Miro does not let a token be revoked, unless it may be left. */
async function giveUp({ services, options }: Erasure, secret: RevokedSecret): Promise<GivenUp> {
  const { kind, connection } = secret;
  const named = connection === undefined ? {} : { connection };
  try {
    return { ...named, ...(await revokeSecret(services, secret)) };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    if (options.leaveTokens) {
      const remedy = `${error.message} Remove the app from the team in Miro.`;
      return { ...named, kind, atMiro: 'not_possible', remedy };
    }
    throw new Refusal(error.status, {
      ...{ code: error.code, message: error.message },
      remedy: 'Erase again later; or with --leave-tokens, then what is stored goes and the token is left to Miro.',
    });
  }
}

const ofTenant = (tenant: string): string => `MiroTenant = "${tenant}"`;

async function deleteSchedules(client: Client, tenant: string): Promise<number> {
  let deleted = 0;
  for await (const { scheduleId } of client.schedule.list({ query: ofTenant(tenant) })) {
    await client.schedule.getHandle(scheduleId).delete();
    deleted += 1;
  }
  return deleted;
}

/** What Temporal keeps of ended runs. @returns how many */
async function deleteHistories(client: Client, tenant: string): Promise<number> {
  const { namespace } = client.options;
  let deleted = 0;
  for await (const { workflowId, runId } of client.workflow.list({ query: ofTenant(tenant) })) {
    const workflowExecution = { workflowId, runId };
    const asked = client.workflowService.deleteWorkflowExecution({ namespace, workflowExecution });
    if (await unlessGone(asked)) deleted += 1;
  }
  return deleted;
}

/** Asks the runs to stop, so that they settle what they have begun; who does not within half a minute is terminated. */
async function endRuns(
  client: Client,
  tenant: string,
  output: Output,
): Promise<{ cancelled: number; terminated: number }> {
  const running = new Set<string>();
  const query = `${ofTenant(tenant)} and ExecutionStatus = "Running"`;
  for await (const { workflowId } of client.workflow.list({ query })) running.add(workflowId);
  for (const id of running) await unlessGone(client.workflow.getHandle(id).cancel());
  const all = running.size;
  if (all > 0) output.note(`${all} runs were asked to stop.`);
  for (const giveUpAt = performance.now() + SETTLE_MS; running.size > 0 && performance.now() < giveUpAt;) {
    await delay(LOOK_MS);
    for (const id of running) {
      const found = await unlessGone(client.workflow.getHandle(id).describe());
      if (found?.status.name !== 'RUNNING') running.delete(id);
    }
  }
  for (const id of running) await unlessGone(client.workflow.getHandle(id).terminate('its tenant is erased'));
  return { cancelled: all - running.size, terminated: running.size };
}

/** Undefined for a workflow that has ended, or is not there any more. */
async function unlessGone<T>(asked: Promise<T>): Promise<T | undefined> {
  return asked.catch((error: unknown) => {
    if (error instanceof WorkflowNotFoundError || isNotFound(error)) return undefined;
    throw error;
  });
}

/** Temporal deletes little by little: for a while it still lists what is gone. */
const isNotFound = (error: unknown): boolean => isGrpcServiceError(error) && Number(error.code) === NOT_FOUND;
