/** What the worker and the gateway have in common as processes: a clean stop on SIGTERM and Ctrl-C, one JSON line when ready, and an exit code that says why. */
import { ConfigError } from '../config.js';
import { StartUpError } from './start-up-error.js';
import { stopSignals } from './stop-signals.js';

export interface ProcessLife {
  /** Aborted: finish what runs, then return. */
  signal: AbortSignal;
  /** To be told once, when all is ready: goes out as one JSON line on stdout. */
  ready: (told: object) => void;
  /** A sentence for whoever operates this. */
  log: (line: string) => void;
}

/** Runs `main` as this process. What is wrong with its settings is told in plain words; anything else with its stack. */
export async function runProcess(main: (life: ProcessLife) => Promise<void>): Promise<void> {
  const { signal, release } = stopSignals();
  const log = (line: string): void => void process.stderr.write(`${line}\n`);
  const ready = (told: object): void => void process.stdout.write(`${JSON.stringify({ ready: true, ...told })}\n`);
  try {
    await main({ signal, ready, log });
  } catch (error) {
    const known = error instanceof ConfigError || error instanceof StartUpError;
    log(known ? error.message : String((error as Error).stack));
    process.exitCode = error instanceof StartUpError ? error.exitCode : error instanceof ConfigError ? 2 : 1;
  } finally {
    release();
  }
}
