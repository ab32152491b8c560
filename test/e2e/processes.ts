/** Which processes live, as ps tells it. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

export interface Process {
  pid: number;
  parent: number;
  command: string;
}

export async function processes(): Promise<Process[]> {
  const { stdout } = await promisify(execFile)('ps', ['-Ao', 'pid=,ppid=,stat=,args='], {
    maxBuffer: 16 * 1024 * 1024,
  });
  return stdout.split('\n').flatMap((line) => {
    const [, pid, parent, stat, command] = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(line) ?? [];
    return command === undefined || stat?.startsWith('Z')
      ? []
      : [{ pid: Number(pid), parent: Number(parent), command }];
  });
}

/** What `pid` has started, and what that has started. */
export async function startedBy(pid: number): Promise<Process[]> {
  const all = await processes();
  const family = new Set([pid]);
  for (let size = 0; size < family.size;) {
    size = family.size;
    for (const process of all) if (family.has(process.parent)) family.add(process.pid);
  }
  return all.filter((process) => process.pid !== pid && family.has(process.pid));
}

/** Those of `suspects` that still live, and all whose command names `folder`. */
export async function leftOf(suspects: Process[], folder: string): Promise<Process[]> {
  const known = new Set(suspects.map(({ pid, command }) => `${pid} ${command}`));
  return (await processes()).filter(({ pid, command }) => known.has(`${pid} ${command}`) || command.includes(folder));
}
