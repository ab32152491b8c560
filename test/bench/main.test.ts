import { execFile } from 'node:child_process';
import { describe, expect, it } from 'vitest';

const bench = (...args: string[]) =>
  new Promise<{ code: number | string; stdout: string; stderr: string }>((resolve) => {
    execFile(process.execPath, ['--import', 'tsx', 'bench/main.ts', ...args], (error, stdout, stderr) =>
      resolve({ code: error?.code ?? 0, stdout, stderr }),
    );
  });

describe('npm run bench', () => {
  it.each([
    { args: [], says: 'Name a benchmark.' },
    { args: ['speed'], says: 'There is no benchmark "speed".' },
    { args: ['constructor'], says: 'There is no benchmark "constructor".' },
    { args: ['provision', 'simulator'], says: 'One benchmark at a time: "simulator" is too much.' },
    { args: ['simulator', '--fast'], says: "Unknown option '--fast'" },
  ])('refuses $args with one sentence and the usage, exit 2', async ({ args, says }) => {
    const { code, stdout, stderr } = await bench(...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(says);
    expect(stderr).toMatch(/^Usage: npm run bench -- <name>/m);
  });

  it('prints one JSON document on stdout and everything else on stderr', { timeout: 120_000 }, async () => {
    const { code, stdout } = await bench('simulator', '--quick', '--json');
    expect([0, 1]).toContain(code); // whether the goals are met depends on the machine
    expect(JSON.parse(stdout)).toEqual({
      name: 'simulator',
      machine: expect.objectContaining({
        cores: expect.any(Number) as unknown,
        loadBefore: expect.any(Number) as unknown,
      }) as unknown,
      results: Array.from({ length: 2 }, () => ({
        metric: expect.any(String) as unknown,
        value: expect.any(Number) as unknown,
        unit: 'requests/s',
        against: expect.any(Number) as unknown,
        ratio: expect.any(Number) as unknown,
        goal: expect.stringMatching(/^value ≥ \d+$/) as unknown,
        ok: expect.any(Boolean) as unknown,
      })),
    });
  });
});
