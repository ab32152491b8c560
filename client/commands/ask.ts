import { createInterface } from 'node:readline/promises';

/** Whether a person at this terminal says yes. */
export async function saysYes(): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await terminal.question('Go ahead? [y/N] ').finally(() => terminal.close());
  return /^y(es)?$/i.test(answer.trim());
}
