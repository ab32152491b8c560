import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { afterEach, describe, expect, it } from 'vitest';

const started: ChildProcess[] = [];
afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL');
});

function start(...flags: string[]): ChildProcess {
  const child = spawn(process.execPath, ['--import', 'tsx', 'simulator/main.ts', ...flags], { stdio: 'pipe' });
  started.push(child);
  return child;
}

describe('the simulator as a process', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)('prints one JSON line when ready and ends cleanly on %s', async (signal) => {
    const child = start('--port', '0', '--seed', '7');
    const [line] = (await once(createInterface({ input: child.stdout! }), 'line')) as [string];
    const ready = JSON.parse(line) as Record<string, string>;
    expect(Object.keys(ready)).toEqual([
      'url',
      'accessToken',
      'refreshToken',
      'scimToken',
      'clientId',
      'clientSecret',
      'orgId',
      'teamId',
    ]);
    const boards = await fetch(`${ready['url']}/v2/boards`, {
      headers: { authorization: `Bearer ${ready['accessToken']}` },
    });
    expect(boards.status).toBe(200);
    child.kill(signal);
    expect(await once(child, 'exit')).toEqual([0, null]);
  });

  it.each([
    ['--port', 'x'],
    ['--plan', 'gold'],
    ['--unknown', '1'],
    ['--world', 'members=x'],
  ])('ends with 2 on %s %s', async (...flags) => {
    expect(await once(start(...flags), 'exit')).toEqual([2, null]);
  });
});
