/** The program as a script sees it: a process, its exit code, stdout and stderr apart. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export const CLI = fileURLToPath(new URL('../../client/cli.ts', import.meta.url));
const TSX = import.meta.resolve('tsx');

export interface CliResult {
  code: number;
  stdout: string;
  stderr: string;
}

/** Runs one command to its end; of our environment it sees PATH and HOME only. */
export function cli(
  args: string[],
  { env = {}, cwd, timeoutMs = 50_000 }: { env?: Record<string, string>; cwd?: string; timeoutMs?: number } = {},
): Promise<CliResult> {
  const bare = { PATH: process.env['PATH'], HOME: process.env['HOME'] };
  return new Promise((resolve) => {
    const options = { env: { ...bare, ...env }, cwd, timeout: timeoutMs };
    const child = execFile(process.execPath, ['--import', TSX, CLI, ...args], options, (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code ?? -1) : 0, stdout, stderr });
    });
    child.stdin?.end();
  });
}

/** stdout as the one JSON document that `--json` promises. */
export function documentOf({ stdout }: CliResult): Record<string, unknown> {
  const lines = stdout.trimEnd().split('\n');
  if (lines.length !== 1) throw new Error(`not one document but ${lines.length} lines: ${stdout}`);
  return JSON.parse(stdout) as Record<string, unknown>;
}
