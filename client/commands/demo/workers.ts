import type { Env } from '../../../config.js';
import type { Tell } from './narrator.js';
import { startWorkerProcess, type WorkerProcess } from './worker-process.js';

export interface WorkerStage {
  /** Of the processes on the stage. */
  env: Env;
  tell: Tell;
  /** Aborted: the curtain falls at once. */
  signal: AbortSignal;
}

/** One worker process at a time. */
export class Workers {
  private current: WorkerProcess | undefined;
  private readonly stage: WorkerStage;

  constructor(stage: WorkerStage) {
    this.stage = stage;
  }

  async start(): Promise<void> {
    const { env, signal, tell } = this.stage;
    this.current = await startWorkerProcess(env, signal);
    tell('worker', `process ${this.current.pid} polls for work`);
  }

  async kill(): Promise<void> {
    await this.current?.kill();
  }
}
