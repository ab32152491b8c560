import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { extname } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { isolated, type Env } from '../../../config.js';
import { endWithUs } from '../../../workers/orphan-guard.js';

export interface WorkerProcess {
  pid: number;
  /** SIGKILL: no clean stop, no last word. Resolves when the process is gone; safe to repeat. */
  kill: () => Promise<void>;
}

/**
 * Starts a worker in a process of its own, one that a SIGKILL hits directly: no wrapper around it.
 * @param signal aborted: it is killed
 * @throws Error with its last words when it ends before it polls.
 */
export async function startWorkerProcess(env: Env, signal: AbortSignal): Promise<WorkerProcess> {
  const extension = extname(import.meta.url);
  const main = fileURLToPath(new URL(`../../../workers/main${extension}`, import.meta.url));
  const loader = extension === '.ts' ? ['--import', import.meta.resolve('tsx')] : [];
  const child = spawn(process.execPath, [...loader, main], {
    env: isolated(env),
    stdio: ['ignore', 'pipe', 'pipe'],
    windowsHide: true,
    signal,
    killSignal: 'SIGKILL',
  });
  child.on('error', () => undefined); // it was aborted; its exit tells the rest
  await once(child, 'spawn');
  const pid = child.pid ?? 0;
  const exited = once(child, 'exit').then(endWithUs(pid));
  let lastWords = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (lastWords = (lastWords + text).slice(-2_000)));
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL');
    await exited;
  };
  const ready = once(createInterface({ input: child.stdout }), 'line').then(() => true);
  if (await Promise.race([ready, exited.then(() => false)])) return { pid, kill };
  throw new Error(`the worker did not start: ${lastWords.trim()}`);
}
