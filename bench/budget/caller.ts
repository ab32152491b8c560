/**
 * One worker process as the budget sees it: calls that want more than there is, each with a place of its own.
 * `node caller.ts <JSON of CallerSettings>`; works until it is killed.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { createBudget, timings } from '../../activities/index.js';
import { boards, createMiro, createPool, type RestToken } from '../../miro/index.js';
import { openDb } from '../../store/db.js';

export interface CallerSettings {
  name: string;
  budget: string;
  databaseUrl: string;
  schema: string;
  tenantId: string;
  url: string;
  accessToken: string;
  boardId: string;
  /** Calls that want to go at the same time. */
  lanes: number;
  /** The window's part of Miro's minute: deadlines and short waits are the same part of theirs. */
  timeScale: number;
}

const settings = JSON.parse(process.argv[2] ?? '') as CallerSettings;
const db = openDb({ url: settings.databaseUrl, schema: settings.schema });
const miro = createMiro({ dispatcher: createPool(), baseUrl: settings.url });
const times = timings(settings.timeScale);
const budget = createBudget({ db, timings: times });
const call = boards.get(settings.boardId);

async function lane(n: number): Promise<never> {
  for (let sends = 0; ; sends += 1) {
    const ticket = await reserve(`${settings.name}:${n}:${sends}`);
    const how = { token: settings.accessToken as RestToken, deadlineMs: times.copy.httpMs };
    await miro.send(call, { ...how, onAnswer: (answer) => ticket.answered(answer) }).catch(() => undefined);
  }
}

/** Comes back when it is told to, as Temporal's retries do. */
async function reserve(key: string): ReturnType<typeof budget.reserve> {
  const { budget: account, tenantId } = settings;
  const who = { tenantId, jobKind: 'provisionBoard', priority: 3 } as const;
  for (;;) {
    try {
      return await budget.reserve({ ...who, budget: account, credits: call.credits, key });
    } catch (error) {
      await delay(Number((error as { nextRetryDelay?: number }).nextRetryDelay ?? 100));
    }
  }
}

process.stdout.write(`${JSON.stringify({ ready: true })}\n`);
await Promise.all(Array.from({ length: settings.lanes }, (_, n) => lane(n)));
