import { existsSync, readFileSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { withFileLock } from '../../workers/lock.mjs';
import { TEMPORAL_VERSION } from '../../workers/temporal-binary.js';
import { type SpawnedNode, spawnNode } from '../harness.js';

const program = fileURLToPath(new URL('programs/find-temporal.ts', import.meta.url));

let dir: string;
let bin: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'temporal-miro-binary-'));
  bin = join(dir, 'bin');
  await mkdir(bin);
});
afterEach(() => rm(dir, { recursive: true }));

/** A program on PATH, in place of the real one. */
async function install(name: string, script: string, into = bin): Promise<string> {
  const path = join(into, name);
  await writeFile(path, `#!/bin/sh\n${script}\n`);
  await chmod(path, 0o755);
  return path;
}

const saysVersion = (version: string) => `echo 'temporal version ${version} (Server 1.0.0, UI 1.0.0)'`;

function find(env: Record<string, string> = {}): Promise<SpawnedNode> {
  const PATH = [bin, '/usr/bin', '/bin'].join(delimiter);
  return spawnNode(program, [], { PATH, XDG_CACHE_HOME: join(dir, 'cache'), ...env });
}

it('pins the same version for the download and the build', () => {
  const goMod = readFileSync(fileURLToPath(new URL('../../workers/temporal-cli/go.mod', import.meta.url)), 'utf8');
  expect(goMod).toMatch(new RegExp(`github\\.com/temporalio/cli v${TEMPORAL_VERSION}\\b`));
});

// The stand-ins are shell scripts, in a PATH that holds no real Temporal CLI and no Go.
const isBarePath = ['temporal', 'go'].every((name) => !existsSync(`/usr/bin/${name}`) && !existsSync(`/bin/${name}`));
describe.skipIf(process.platform === 'win32' || !isBarePath)('on a machine without internet', () => {
  it('names all ways to get a server when there is none, and leaves nothing behind', async () => {
    const child = await find();
    await child.waitFor(/^There is no Temporal CLI/);
    expect((await child.exited).code).toBe(1);
    const text = child.lines().join('\n');
    for (const way of ['no internet', 'Go is not on PATH', 'docs.temporal.io', 'TEMPORAL_CLI_PATH', 'go.dev'])
      expect(text).toContain(way);
    expect(await readdir(join(dir, 'cache/temporal-miro'))).toEqual([]);
  });

  it('takes the one on PATH if it is new enough', async () => {
    await install('temporal', saysVersion('1.5.1'));
    expect(await (await find()).waitFor(/^found/)).toBe('found temporal');
    await install('temporal', saysVersion('1.5.0'));
    await (await find()).waitFor(/^There is no Temporal CLI/);
  });

  it('prefers TEMPORAL_CLI_PATH, and says what is wrong with it instead of taking another', async () => {
    await install('temporal', saysVersion('1.8.2'));
    const own = await install('mine', saysVersion('1.10.0'));
    expect(await (await find({ TEMPORAL_CLI_PATH: own })).waitFor(/^found/)).toBe(`found ${own}`);
    await install('mine', 'echo something else');
    await (await find({ TEMPORAL_CLI_PATH: own })).waitFor(/TEMPORAL_CLI_PATH is .*mine.* no Temporal CLI that runs/);
  });

  it('builds once when two set-ups start together, and not again', async () => {
    await install(
      'go',
      `if [ "$1" = version ]; then echo 'go version go1.26.8 linux/amd64'; exit; fi
       echo built >> '${dir}/builds'
       while [ "$1" != -o ]; do shift; done
       sleep 1
       echo binary > "$2"`,
    );
    const both = await Promise.all([find(), find()]);
    const [one, other] = await Promise.all(both.map((child) => child.waitFor(/^found/)));
    expect(one).toBe(other);
    expect(await (await find()).waitFor(/^found/)).toBe(one);
    expect(readFileSync(join(dir, 'builds'), 'utf8')).toBe('built\n');
    const output = both.flatMap((child) => child.lines()).join('\n');
    expect(output).toMatch(/Building .* about four minutes, once per machine/);
    expect(output).toMatch(/Another set-up is getting the Temporal CLI/);
  });

  it('tells why a build failed, and keeps no half of it', async () => {
    await install(
      'go',
      `if [ "$1" = version ]; then echo 'go version go1.26.8 linux/amd64'; exit; fi
       while [ "$1" != -o ]; do shift; done
       echo half > "$2"; echo 'disk full' >&2; exit 1`,
    );
    const child = await find();
    await child.waitFor(/go build: disk full/);
    await child.exited;
    expect(await readdir(join(dir, 'cache/temporal-miro'))).toEqual([]);
  });
});

describe('withFileLock', () => {
  it('lets one at a time work', async () => {
    let inside = 0;
    let most = 0;
    const work = async () => {
      most = Math.max(most, (inside += 1));
      await new Promise(setImmediate);
      inside -= 1;
    };
    const file = join(dir, 'locks', 'one');
    await Promise.all([1, 2, 3].map(() => withFileLock(file, work, () => undefined)));
    expect(most).toBe(1);
    expect(await readdir(dirname(file))).toEqual([]);
  });

  it('takes over from a holder that died', async () => {
    const file = join(dir, 'lock');
    await writeFile(file, '');
    await utimes(file, new Date(0), new Date(0));
    expect(
      await withFileLock(
        file,
        () => Promise.resolve('mine'),
        () => undefined,
      ),
    ).toBe('mine');
  });

  it('gives the lock back when the work fails', async () => {
    const file = join(dir, 'lock');
    const failing = withFileLock(
      file,
      () => Promise.reject(new Error('no')),
      () => undefined,
    );
    await expect(failing).rejects.toThrow('no');
    expect(existsSync(file)).toBe(false);
  });
});
