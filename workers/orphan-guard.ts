import { spawn } from 'node:child_process';
import type { Socket } from 'node:net';

// Reads `+<pid> <signal>` and `-<pid>`; when its input ends, our process is gone, however it died.
const GUARD = `
const signals = new Map();
let rest = '';
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(name, () => {});
process.stdin.setEncoding('utf8').on('data', (text) => {
  const lines = (rest + text).split('\\n');
  rest = lines.pop();
  for (const line of lines) {
    const [pid, signal] = line.slice(1).split(' ');
    if (line[0] === '+') signals.set(Number(pid), signal);
    else signals.delete(Number(pid));
  }
}).on('end', () => {
  for (const [pid, signal] of signals) try { process.kill(pid, signal); } catch {}
  process.exit();
});
`;

const guarded = new Map<number, NodeJS.Signals>();
let guard: Socket | undefined;

/**
 * Sees to it that the process `pid` does not outlive ours, even if ours is killed with SIGKILL: a small second process waits
 * for the end of a pipe, which works on every platform.
 * @returns to be called once that process has ended, since its id may then come to name another one.
 */
export function endWithUs(pid: number, signal: NodeJS.Signals = 'SIGKILL'): () => void {
  guard ??= startGuard();
  guarded.set(pid, signal);
  guard.write(`+${pid} ${signal}\n`);
  return () => {
    guarded.delete(pid);
    guard?.write(`-${pid}\n`);
  };
}

function startGuard(): Socket {
  // Detached: Ctrl-C in a terminal reaches the whole group, and the guard must be the last to go.
  const child = spawn(process.execPath, ['-e', GUARD], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
    windowsHide: true,
  });
  child.unref();
  const pipe = child.stdin as unknown as Socket;
  pipe.unref();
  pipe.on('error', () => (guard = undefined)); // somebody killed the guard; the next call starts another
  process.once('exit', killGuarded);
  return pipe;
}

function killGuarded(): void {
  for (const [pid, signal] of guarded) {
    try {
      process.kill(pid, signal);
    } catch {
      // it has ended already
    }
  }
}
