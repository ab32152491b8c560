import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { spawnNode } from '../harness.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const setup = join(root, 'client/setup.mjs');
const program = 'test/setup/programs/greet-or-listen.ts';

it('passes arguments and exit code through', async () => {
  const child = await spawnNode(setup, [program, '3'], { GREETING: 'hello' });
  expect(await child.exited).toEqual({ code: 3, signal: null });
  expect(child.lines()).toContain('hello 3');
});

it('is the very process that runs the program, so that a signal needs no forwarding', async () => {
  const child = await spawnNode(setup, [program, 'listen']);
  await child.waitFor(/port/);
  expect(await child.kill('SIGINT')).toEqual({ code: null, signal: 'SIGINT' });
});

it('runs the tools by name', async () => {
  const child = await spawnNode(setup, ['prettier', '--version']);
  expect((await child.exited).code).toBe(0);
  expect(child.lines().join()).toMatch(/^\d+\.\d+\.\d+$/);
});

describe('in a clone without dependencies', () => {
  let clone: string;

  /** A clone of nothing but the bootstrap, with one dependency that needs no registry and has an install script. */
  beforeEach(async () => {
    clone = await mkdtemp(join(tmpdir(), 'temporal-miro-clone-'));
    for (const folder of ['client', 'workers', 'dependency']) mkdirSync(join(clone, folder));
    for (const file of ['client/setup.mjs', 'workers/lock.mjs']) copyFileSync(join(root, file), join(clone, file));
    writeFileSync(join(clone, 'hello.mjs'), `import { version } from 'dependency'; console.log('hello', version);`);
    writeFileSync(join(clone, 'dependency/index.js'), `export const version = 1;`);
    writeVersion('1.0.0');
  });
  afterEach(() => rm(clone, { recursive: true }));

  function writeVersion(version: string): void {
    const dependency = {
      name: 'dependency',
      version,
      type: 'module',
      exports: './index.js',
      scripts: { install: `node -e "require('fs').writeFileSync('ran', '')"` },
    };
    const own = { name: 'clone', version: '1.0.0', dependencies: { dependency: 'file:dependency' } };
    const packages = {
      '': own,
      dependency: { version, hasInstallScript: true },
      'node_modules/dependency': { resolved: 'dependency', link: true },
    };
    const write = (file: string, content: object) => writeFileSync(join(clone, file), JSON.stringify(content));
    write('dependency/package.json', dependency);
    write('package.json', own);
    write('package-lock.json', { name: 'clone', version: '1.0.0', lockfileVersion: 3, requires: true, packages });
  }

  const run = () => spawnNode(join(clone, 'client/setup.mjs'), ['hello.mjs']);

  async function outputOf(child: Awaited<ReturnType<typeof run>>): Promise<string> {
    await child.exited;
    return child.lines().join('\n');
  }

  it('installs once, without running install scripts, and again when the lock file has changed', async () => {
    expect(await outputOf(await run())).toMatch(/Installing dependencies.*hello 1$/s);
    expect(await outputOf(await run())).toBe('hello 1');
    writeVersion('1.0.1');
    expect(await outputOf(await run())).toMatch(/Installing dependencies/);
    expect(existsSync(join(clone, 'dependency/ran'))).toBe(false);
  });

  it('installs once when two commands start together', async () => {
    const outputs = await Promise.all((await Promise.all([run(), run()])).map(outputOf));
    for (const output of outputs) expect(output).toMatch(/hello 1$/);
    expect(outputs.filter((output) => output.includes('Installing'))).toHaveLength(1);
    expect(existsSync(join(clone, '.setup-lock'))).toBe(false);
  });

  it('says so when the installation fails, and runs nothing', async () => {
    rmSync(join(clone, 'package.json'));
    const child = await run();
    expect((await child.exited).code).toBe(1);
    expect(child.lines().join('\n')).toMatch(/npm ci did not succeed/);
    expect(child.lines()).not.toContain('hello 1');
  });
});

it('is what every npm script starts with', () => {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>;
  };
  for (const [name, script] of Object.entries(scripts))
    for (const command of script.split(' && '))
      expect(command, name).toMatch(/^(?:node client\/setup\.mjs \S|npm run \S|npm test$)/);
});
