/** What the calls of this process used, gathered for the store. Figures for people: no call waits for them, and none fails for them. */
import type { Db } from '../store/db.js';
import { addUsage, forgetUsage, type Usage } from '../store/usage.js';

export interface UsageWriter {
  add(budget: string, used: Usage): void;
  close(): Promise<void>;
}

/** Figures are gathered so long. */
const LINGER_MS = 500;
const FORGET_EACH_MS = 3_600_000;

const ignore = (): void => undefined;

export function createUsageWriter(db: Db): UsageWriter {
  const gathered = new Map<string, Usage[]>();
  let lingering: NodeJS.Timeout | undefined;
  let forgotAt = -Infinity;
  const write = async (): Promise<void> => {
    lingering = undefined;
    const batches = [...gathered];
    gathered.clear();
    for (const [budget, used] of batches) await addUsage(db, { budget, used }).catch(ignore);
    if (performance.now() < forgotAt + FORGET_EACH_MS) return;
    forgotAt = performance.now();
    await forgetUsage(db).catch(ignore);
  };
  return {
    add(budget, used) {
      gathered.set(budget, [...(gathered.get(budget) ?? []), used]);
      lingering ??= setTimeout(() => void write(), LINGER_MS);
    },
    async close() {
      clearTimeout(lingering);
      if (gathered.size > 0) await write();
    },
  };
}
