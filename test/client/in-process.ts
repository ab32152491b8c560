/** A command as client/cli.ts runs it, without a process of its own: its exit code, stdout and stderr apart. */
import { vi } from 'vitest';
import { verdictOn } from '../../client/commands/exit-codes.js';
import { createProgram } from '../../client/commands/program.js';
import type { CliResult } from './cli.js';

/** One after the other only: the environment and the streams are the process's. */
export async function runInProcess(args: string[], env: Record<string, string>): Promise<CliResult> {
  const written = { stdout: '', stderr: '' };
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
  const spies = (['stdout', 'stderr'] as const).map((stream) =>
    vi.spyOn(process[stream], 'write').mockImplementation((chunk) => {
      written[stream] += String(chunk);
      return true;
    }),
  );
  process.exitCode = 0;
  try {
    await createProgram().parseAsync(args, { from: 'user' });
    return { code: Number(process.exitCode), ...written };
  } catch (error) {
    const { exitCode, message } = verdictOn(error);
    return { code: exitCode, stdout: written.stdout, stderr: `${written.stderr}${message}` };
  } finally {
    process.exitCode = 0;
    for (const spy of spies) spy.mockRestore();
    vi.unstubAllEnvs();
  }
}
