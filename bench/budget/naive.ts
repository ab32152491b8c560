/**
 * What one would write without us: Miro's official client in loops, and where it is refused, again a second later.
 * `node naive.ts <JSON of NaiveSettings>`; works until it is killed.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { MiroLowlevelApi } from '@mirohq/miro-api';
import type { CallerSettings } from './caller.js';

export type NaiveSettings = Pick<CallerSettings, 'url' | 'accessToken' | 'boardId' | 'lanes' | 'timeScale'>;

const settings = JSON.parse(process.argv[2] ?? '') as NaiveSettings;
const api = new MiroLowlevelApi(settings.accessToken, settings.url);
const RETRY_MS = 1_000 * settings.timeScale;

async function lane(): Promise<never> {
  for (;;) {
    try {
      await api.getSpecificBoard(settings.boardId);
    } catch {
      await delay(RETRY_MS);
    }
  }
}

process.stdout.write(`${JSON.stringify({ ready: true })}\n`);
await Promise.all(Array.from({ length: settings.lanes }, lane));
