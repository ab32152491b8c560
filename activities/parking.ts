import { activityInfo } from '@temporalio/activity';
import { findConnection } from '../store/connections.js';
import { park, unpark } from '../store/parked.js';
import type { DeadGrant } from './failure.js';
import type { Deps } from './deps.js';
import { workflowRunId } from './job-context.js';

/** Store only: who waits for which grant. */
export const createParkingActivities = ({ db }: Pick<Deps, 'db'>) => ({
  /** Records that this run waits for a newer generation, unless it has moved already; then the run goes on at once. */
  async parkRun({ grantId, generation, tenantId, connection }: DeadGrant): Promise<{ parked: boolean }> {
    return await park(db, {
      tenantId,
      connectionName: connection,
      grantId,
      generation,
      workflowId: workflowOf(),
      runId: workflowRunId(),
    });
  },
  /** Whether what a parked run waits for has happened: a newer generation, or a connection that points elsewhere. */
  async grantMoved({ grantId, generation, tenantId, connection }: DeadGrant): Promise<boolean> {
    const { rest, scim } = (await findConnection(db, { tenantId, name: connection })) ?? {};
    const grant = [rest, scim].find((used) => used?.grantId === grantId);
    return !grant || grant.generation > generation || grant.state === 'live';
  },
  async unparkRun(_: Record<string, never>): Promise<void> {
    await unpark(db, { workflowId: workflowOf(), runId: workflowRunId() });
  },
});

const workflowOf = (): string => activityInfo().workflowExecution?.workflowId ?? '';
