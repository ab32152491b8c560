/** Programs of ours as processes of their own, so that none shares an event loop with what measures it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Env } from '../config.js';
import { endWithUs } from '../workers/orphan-guard.js';

export interface Program {
  /** The JSON line that it printed when it was ready. */
  ready: unknown;
  pid: number;
  stop: () => Promise<void>;
}

/**
 * Starts `node <file>` and waits for its first line. Its stderr is ours. It never outlives us.
 * @param file below the root of the project, e.g. `workers/main.ts`
 */
export async function startProgram(file: string, args: string[] = [], env: Env = process.env): Promise<Program> {
  const path = fileURLToPath(new URL(`../${file}`, import.meta.url));
  const child = spawn(process.execPath, ['--import', import.meta.resolve('tsx'), path, ...args], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
    windowsHide: true,
  });
  await once(child, 'spawn');
  const pid = child.pid ?? 0;
  const release = endWithUs(pid);
  const ended = once(child, 'exit').then(release);
  const line = await Promise.race([once(createInterface({ input: child.stdout }), 'line'), ended]);
  if (!line) throw new Error(`${file} ended before it was ready`);
  return {
    ready: JSON.parse(String(line[0])),
    pid,
    async stop() {
      child.kill();
      await ended;
    },
  };
}
