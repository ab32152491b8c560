/** The runs whose histories are saved: one for each way in which a run can go. Used by record.ts, and by uncached.test.ts. */
import { ensureConnection } from '../../store/connections.js';
import { addEndpoint, removeEndpoint } from '../../store/webhook-endpoints.js';
import { startRelay } from '../../workers/relay.js';
import { ask, finished, theBoard } from '../provision/boards.js';
import { until } from '../provision/until.js';
import { newBoard } from '../retro-jobs/boards.js';
import { retro, type Stack } from '../stack.js';
import { startReceiver } from '../webhooks/receiver.js';

/** @returns the workflow's id, once its last run has ended. */
export type Job = (stack: Stack) => Promise<string>;

const slowItems = (stack: Stack) =>
  stack.sim('faults', [{ match: { path: '/v2/boards/*/items/bulk' }, fault: 'slow', delayMs: 150 }], 'PUT');

export const jobs: Record<string, Job> = {
  async retro(stack) {
    const board = await newBoard(stack, ['Fix the build', 'Write the docs']);
    const { handle } = await stack.miro.retroToTickets({ board });
    await handle.result();
    return handle.workflowId;
  },

  async done(stack) {
    return (await finished(stack, retro('done'))).handle.workflowId;
  },

  async cancelled(stack) {
    await slowItems(stack);
    const { handle } = await ask(stack, retro('cancelled', { name: 'Cancelled' }));
    await handle.cancel();
    await handle.result();
    return handle.workflowId;
  },

  async failed(stack) {
    const request = { ...retro('failed'), template: { copyFrom: 'uXjVNoSuchBoard=' } };
    await ask(stack, request).catch(() => undefined);
    const job = stack.miro.job({ key: 'failed' });
    await job.result().catch(() => undefined);
    return job.workflowId;
  },

  async parked(stack) {
    const relay = startRelay({
      db: stack.db,
      client: stack.temporal,
      taskQueue: stack.taskQueue,
      log: () => undefined,
    });
    await slowItems(stack);
    const { handle } = await ask(stack, retro('parked', { name: 'Parked' }));
    await stack.sim('act', { do: 'kill-token' });
    await until(async () => (await handle.status()).state === 'parked');
    const { accessToken } = (await stack.sim('act', { do: 'link-app' })) as { accessToken: string };
    await ensureConnection(stack.db, stack.vault, { tenantId: stack.tenantId, name: 'default', rest: { accessToken } });
    await handle.result();
    await relay.stop();
    return handle.workflowId;
  },

  async changed(stack) {
    await slowItems(stack);
    const { handle } = await ask(stack, retro('changed', { name: 'Changed' }));
    await ask(stack, retro('changed', { name: 'Changed again', onChange: 'apply' }));
    await handle.result();
    await theBoard(stack, 'Changed again');
    return handle.workflowId;
  },

  async deleted(stack) {
    const request = retro('deleted', { name: 'Deleted' });
    const { result } = await finished(stack, request);
    await stack.sim('act', { do: 'delete-board', boardId: result.boardId });
    return (await finished(stack, request)).handle.workflowId;
  },

  async swept({ temporal, taskQueue }) {
    const workflowId = `sweep:${taskQueue}`;
    await temporal.workflow.execute('sweep', { workflowId, taskQueue });
    return workflowId;
  },

  async delivered(stack) {
    const { db, vault, tenantId } = stack;
    const receiver = await startReceiver();
    const { endpointId } = await addEndpoint(db, vault, { tenantId, url: receiver.url });
    const relay = startRelay({ db, client: stack.temporal, taskQueue: stack.taskQueue, log: () => undefined });
    await finished(stack, retro('delivered', { name: 'Delivered' }));
    const { id: eventId } = await until(() => Promise.resolve(receiver.received[0]));
    const workflowId = `webhook:${eventId}:${endpointId}`;
    await stack.temporal.workflow.getHandle(workflowId).result();
    await relay.stop();
    await removeEndpoint(db, { tenantId, endpointId });
    await receiver.close();
    return workflowId;
  },
};
