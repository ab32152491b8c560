import { chmod, mkdir, mkdtemp, readFile, readlink, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { makeLinks } from '../../store/embedded-binaries.js';
import { startEmbedded, type EmbeddedServer } from '../../store/embedded.js';
import { spawnNode, type SpawnedNode } from '../harness.js';

const PROGRAM = fileURLToPath(new URL('./embedded-process.ts', import.meta.url));
const isRoot = process.getuid?.() === 0;

// One folder for most tests: making its data takes longer than they do.
let dir: string;
let running: EmbeddedServer[] = [];
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'temporal-miro-embedded-'));
  await (await startEmbedded({ dir, durable: false })).stop();
});
afterEach(async () => {
  await Promise.all(running.map((server) => server.stop()));
  running = [];
});
afterAll(() => rm(dir, { recursive: true, force: true }));

const start = async (options: Partial<Parameters<typeof startEmbedded>[0]> = {}) => {
  const server = await startEmbedded({ dir, durable: false, ...options });
  running.push(server);
  return server;
};
const startProcess = async (
  ...[mode = 'stay', folder = dir]: string[]
): Promise<SpawnedNode & { server: { url: string; pid: number } }> => {
  const child = await spawnNode(PROGRAM, [folder, mode]);
  return { ...child, server: JSON.parse(await child.waitFor(/^\{/)) as { url: string; pid: number } };
};
const query = async (url: string, sql: string): Promise<Record<string, unknown>[]> => {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
};
const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};
/** A zombie (its parent in a container may not reap it) is dead too. */
const hasEnded = async (pid: number): Promise<boolean> =>
  !isAlive(pid) || / Z /.test(await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => ''));
const untilEnded = (pid: number) => vi.waitUntil(() => hasEnded(pid), { timeout: 20_000, interval: 50 });

it('keeps its data from one start to the next, and leaves no process behind', async () => {
  const first = await start();
  await query(first.url, 'create table if not exists kept as select 42 as answer');
  await first.stop();
  await first.stop();
  await untilEnded(first.pid);
  const second = await start();
  expect(await query(second.url, 'select answer from kept')).toEqual([{ answer: 42 }]);
});

it('joins the server that runs on the folder; the last one to stop ends it', async () => {
  const [first, second] = await Promise.all([start(), start()]);
  expect(second.pid).toBe(first.pid);
  await first.stop();
  expect(await query(second.url, 'select 1 as one')).toEqual([{ one: 1 }]);
  await second.stop();
  await untilEnded(first.pid);
});

it('is one server for several processes that start it at once', async () => {
  const fresh = join(dir, 'fresh');
  const children = await Promise.all([startProcess('stay', fresh), startProcess('stay', fresh)]);
  expect(new Set(children.map(({ server }) => server.pid)).size).toBe(1);
  await Promise.all(children.map(({ kill }) => kill('SIGTERM')));
  await untilEnded(children[0].server.pid);
});

it('is joined, and then stopped, by the next start after its process was killed', async () => {
  const killed = await startProcess();
  await query(killed.server.url, 'create table if not exists kept as select 42 as answer');
  await killed.kill('SIGKILL');
  const next = await start();
  expect(next.pid).toBe(killed.server.pid);
  expect(await query(next.url, 'select answer from kept')).toEqual([{ answer: 42 }]);
  await next.stop();
  await untilEnded(next.pid);
});

it('recovers after the server was killed as well', async () => {
  const killed = await startProcess();
  await query(killed.server.url, 'create table if not exists kept as select 42 as answer');
  await query(killed.server.url, 'checkpoint');
  await killed.kill('SIGKILL');
  process.kill(killed.server.pid, 'SIGKILL');
  const next = await start();
  expect(next.pid).not.toBe(killed.server.pid);
  expect(await query(next.url, 'select answer from kept')).toEqual([{ answer: 42 }]);
});

it('ends by itself when its process forgets to stop it', async () => {
  const forgetful = await startProcess('forget');
  await forgetful.exited;
  await untilEnded(forgetful.server.pid);
});

it('starts although the process id of a dead server belongs to another program now', async () => {
  const pidFile = join(dir, 'postgresql', 'data', 'postmaster.pid');
  await writeFile(
    pidFile,
    [process.pid, join(dir, 'postgresql', 'data'), 1, 1, '', '127.0.0.1', '', 'ready', ''].join('\n'),
  );
  expect(await query((await start()).url, 'select 1 as one')).toEqual([{ one: 1 }]);
});

it('says in the server’s own words why it does not come up', async () => {
  const version = join(dir, 'postgresql', 'data', 'PG_VERSION');
  const right = await readFile(version, 'utf8');
  await writeFile(version, '9.6\n');
  await expect(start()).rejects.toThrow(/does not come up: .*incompatible/s);
  await writeFile(version, right);
});

it('does not hand our environment to the server', async () => {
  vi.stubEnv('MIRO_ACCESS_TOKEN', 'a-secret');
  const { pid } = await start();
  vi.unstubAllEnvs();
  expect(await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '')).not.toContain('a-secret');
});

it.runIf(isRoot)('keeps its data elsewhere, and says so, when its account cannot enter the folder', async () => {
  const closed = join(dir, 'closed');
  await mkdir(closed);
  await chmod(closed, 0o700);
  const lines: string[] = [];
  const server = await start({ dir: join(closed, 'data'), log: (line) => lines.push(line) });
  const [row] = await query(server.url, 'show data_directory');
  await server.stop();
  const place = dirname(dirname(String(row?.['data_directory'])));
  expect(place.startsWith(closed)).toBe(false);
  expect(lines.join('\n')).toContain(place);
  await rm(place, { recursive: true });
});

it('makes the library links that blocked install scripts have left out, also twice at once', async () => {
  const native = join(dir, 'native');
  await mkdir(join(native, 'lib'), { recursive: true });
  await writeFile(join(native, 'lib', 'libicuuc.so.60.2'), '');
  const links = [{ source: 'native/lib/libicuuc.so.60.2', target: 'native/lib/libicuuc.so.60' }];
  await writeFile(join(native, 'pg-symlinks.json'), JSON.stringify(links));
  await Promise.all([makeLinks(native), makeLinks(native)]);
  await makeLinks(native);
  expect(await readlink(join(native, 'lib', 'libicuuc.so.60'))).toBe('libicuuc.so.60.2');
  expect((await stat(join(native, 'lib', 'libicuuc.so.60'))).isFile()).toBe(true);
});
