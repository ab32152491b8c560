import type { PlanPatience } from '../plan.js';

/** Progress on stderr: one line that is written over in a terminal, a line per change elsewhere. */
export interface LiveLine {
  show(line: string): void;
  /** Keeps what was shown last and goes on below. */
  close(): void;
}

export function createLiveLine(): LiveLine {
  const { stderr } = process;
  let shown = false;
  return {
    show(line) {
      if (!stderr.isTTY) return void stderr.write(`${line}\n`);
      stderr.write(`\r\u001b[2K${line.slice(0, stderr.columns - 1)}`);
      shown = true;
    },
    close() {
      if (shown) stderr.write('\n');
      shown = false;
    },
  };
}

/** Shows what a plan waits for while it is not there. */
export async function showingWaits<T>(ask: (patience: PlanPatience) => Promise<T>): Promise<T> {
  const line = createLiveLine();
  return await ask({ onWaiting: (why) => line.show(`No plan yet: ${why}`) }).finally(() => line.close());
}
