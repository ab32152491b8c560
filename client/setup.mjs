// What every npm script starts with: node client/setup.mjs <file.ts | tool> [args]
// Installs the dependencies if they are missing or differ from the lock file, then runs the rest in this very process, so
// that signals and exit codes need no forwarding. Plain JavaScript without dependencies: there are none yet when it starts.
import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { withFileLock } from '../workers/lock.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const OLDEST_NODE = [20, 20];

function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const [oldestMajor = 0, oldestMinor = 0] = OLDEST_NODE;
  if (major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)) return;
  throw new Error(`temporal-miro needs Node ${OLDEST_NODE.join('.')} or newer; this is ${process.versions.node}.`);
}

/** @param {string} path @returns {Promise<Record<string, { version?: string, optional?: boolean }> | undefined>} */
async function lockedPackages(path) {
  try {
    return JSON.parse(await readFile(join(root, path), 'utf8')).packages;
  } catch (err) {
    if (err instanceof Error && 'code' in err && err.code === 'ENOENT') return undefined;
    throw err;
  }
}

/** Compares versions, not file times: a git checkout touches the lock file without changing it. */
async function isInstalled() {
  const wanted = (await lockedPackages('package-lock.json')) ?? {};
  const present = await lockedPackages('node_modules/.package-lock.json'); // npm's own record of what it put there
  if (present === undefined) return false;
  return Object.entries(wanted).every(
    ([path, entry]) => path === '' || entry.optional || present[path]?.version === entry.version,
  );
}

/** Install scripts stay off: what they would do is not needed, or done when the part in question starts. */
async function install() {
  const args = ['ci', '--ignore-scripts', '--include=dev', '--include=optional', '--no-audit', '--no-fund'];
  const npmCli = process.env['npm_execpath'];
  const viaNode = npmCli !== undefined && /npm-cli\.c?js$/.test(npmCli);
  const child = viaNode
    ? spawn(process.execPath, [npmCli, ...args], { cwd: root, stdio: ['ignore', 2, 2] })
    : spawn('npm', args, { cwd: root, stdio: ['ignore', 2, 2], shell: process.platform === 'win32' });
  const code = await new Promise((done, failed) => child.once('error', failed).once('exit', done));
  if (code !== 0) throw new Error(`npm ci did not succeed (exit code ${code}); its reason is above.`);
}

async function ensureInstalled() {
  if (await isInstalled()) return;
  const work = async () => {
    if (await isInstalled()) return;
    console.error('Installing dependencies (npm ci) …');
    await install();
  };
  await withFileLock(join(root, '.setup-lock'), work, (waitedMs) => {
    if (waitedMs % 10_000 === 0) console.error('Waiting for another set-up in this folder …');
  });
}

/** The script behind a tool's command, e.g. `vitest`, or a file of ours. @param {string} what */
function entryOf(what) {
  if (/\.m?[jt]s$/.test(what)) return resolve(root, what);
  const packageName = what === 'tsc' ? 'typescript' : what;
  const manifestPath = join(root, 'node_modules', packageName, 'package.json');
  const { bin } = createRequire(import.meta.url)(manifestPath);
  return resolve(manifestPath, '..', typeof bin === 'string' ? bin : bin[what]);
}

async function main() {
  checkNode();
  await ensureInstalled();
  const [what, ...args] = process.argv.slice(2);
  if (what === undefined) return;
  const entry = entryOf(what);
  process.argv = [process.execPath, entry, ...args];
  if (entry.endsWith('.ts')) (await import('tsx/esm/api')).register();
  await import(pathToFileURL(entry).href);
}

// process.env is read here and not in config.ts, which cannot load before the installation.
main().catch((err) => {
  console.error(err instanceof Error ? err.message : err);
  process.exitCode = 1;
});
