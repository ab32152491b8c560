/** Tenants with Miro accounts of their own, and what they start. */
import { setTimeout as delay } from 'node:timers/promises';
import { TypedSearchAttributes } from '@temporalio/common';
import { MIRO_TENANT } from '../../contract.js';
import { idKeyCheck, workflowId } from '../../ids.js';
import { accountOf, createMiro, createPool, oauth, restToken } from '../../miro/index.js';
import { ensureConnection } from '../../store/connections.js';
import { one } from '../../store/db.js';
import { ensureTenant } from '../../store/tenants.js';
import { timed } from '../samples.js';
import type { Stack } from '../stack.js';
import { smallBoard } from '../provision/boards.js';

const READ_MS = 10_000;

/** Somebody of the simulator's small world, and the team that the app is installed in. */
export interface Person {
  email: string;
  team: string;
}

/** Installs the app for the person. @returns the token. */
export async function install({ simulator }: Stack, { email, team }: Person): Promise<string> {
  const { teams } = (await (await fetch(`${simulator.url}/_sim/state`)).json()) as {
    teams: { id: string; name: string }[];
  };
  const teamId = teams.find(({ name }) => name === team)?.id;
  const body = JSON.stringify({ do: 'link-app', as: email, teamId });
  const answer = await fetch(`${simulator.url}/_sim/act`, { method: 'POST', body });
  if (!answer.ok) throw new Error(`the app was not installed for ${email}: ${await answer.text()}`);
  return ((await answer.json()) as { accessToken: string }).accessToken;
}

/** Links the token as the tenant's connection `default`. */
export async function link({ simulator, store }: Stack, tenant: string, accessToken: string): Promise<void> {
  const dispatcher = createPool();
  try {
    const miro = createMiro({ dispatcher, baseUrl: simulator.url });
    const facts = accountOf(
      await miro.send(oauth.introspect(), { token: restToken(accessToken), deadlineMs: READ_MS }),
    );
    const { tenantId } = await ensureTenant(store.db, tenant);
    await ensureConnection(store.db, store.vault, { tenantId, name: 'default', rest: { accessToken, facts } });
  } finally {
    await dispatcher.close();
  }
}

const range = (count: number): number[] => Array.from({ length: count }, (_, n) => n);

/** Starts so many jobs of small boards at once. @returns how long each took from its start to its end, in ms. */
export function jobTimes({ miro }: Stack, tenant: string, { count, round }: { count: number; round: string }) {
  return Promise.all(
    range(count).map((n) =>
      timed(async () => {
        const { handle } = await miro.provisionBoard({ ...smallBoard, tenant, key: `${round}:${n}` });
        await handle.result();
      }),
    ),
  );
}

/** A tenant's many jobs. */
export interface Crowd {
  /** Returns when at least this part of the open jobs waits for credits. */
  untilWaiting(part: number): Promise<void>;
  /** @throws Error if so few jobs are left that what was measured beside them was not measured beside a crowd. */
  requireOpen(): Promise<void>;
  terminate(): Promise<void>;
}

/** Temporal's priority key of jobs that a person waits for, as of every job that `provisionBoard` starts. */
const INTERACTIVE = 2;
/** Of a crowd's jobs, so many are open when it still counts as a crowd. */
const LEAST = 0.2;
const LOOK_MS = 250;
const GIVE_UP_MS = 180_000;

/** Starts so many jobs of small boards and waits for none; returns when Temporal has them all. */
export async function startCrowd(
  { client, idKey, taskQueue, store }: Stack,
  tenant: string,
  { count, priorityKey = INTERACTIVE }: { count: number; priorityKey?: number },
): Promise<Crowd> {
  const { tenantId } = await ensureTenant(store.db, tenant);
  const ids = range(count).map((n) => {
    const key = `crowd:${n}`;
    return { key, workflowId: workflowId(idKey, { tenant, kind: 'provisionBoard', key }) };
  });
  const start = ({ key, workflowId }: { key: string; workflowId: string }) =>
    client.workflow.start('provisionBoard', {
      args: [{ ...smallBoard, tenant, connectionId: 'default', key, idKeyCheck: idKeyCheck(idKey) }],
      ...{ workflowId, taskQueue, priority: { priorityKey, fairnessKey: tenant } },
      typedSearchAttributes: new TypedSearchAttributes([{ key: MIRO_TENANT, value: tenant }]),
    });
  const open = async (): Promise<number> =>
    (await client.workflow.count(`MiroTenant = '${tenant}' and ExecutionStatus = 'Running'`)).count;
  const waiting = async (): Promise<number> => {
    const sql = 'select count(*)::int as calls from miro.reservations where tenant_id = $1 and granted_at is null';
    return one(await store.db.query<{ calls: number }>(sql, [tenantId])).calls;
  };
  await Promise.all(ids.map(start));
  return {
    async untilWaiting(part) {
      const giveUpAt = performance.now() + GIVE_UP_MS;
      while ((await waiting()) < part * (await open())) {
        if (performance.now() > giveUpAt) throw new Error(`the jobs of the tenant ${tenant} did not come to wait`);
        await delay(LOOK_MS);
      }
    },
    async requireOpen() {
      const left = await open();
      if (left < LEAST * count) throw new Error(`only ${left} jobs of the tenant ${tenant} were left: start more`);
    },
    async terminate() {
      const end = ({ workflowId }: { workflowId: string }) =>
        client.workflow.getHandle(workflowId).terminate('measured');
      await Promise.allSettled(ids.map(end)); // some have ended
    },
  };
}
