import { execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type LocalConfig, localConfig } from '../config.js';
import { withFileLock } from './lock.mjs';
import { endWithUs } from './orphan-guard.js';

/** What we download or build; workers/temporal-cli/go.mod names the same version. */
export const TEMPORAL_VERSION = '1.8.2';
// The first with everything that we use: fairness, updates, update-with-start.
const OLDEST_TEMPORAL = '1.5.1';
// From here on the go command fetches the toolchain that go.mod asks for by itself.
const OLDEST_GO = '1.21';
const TEMPORAL_SAYS = /temporal version (\d+\.\d+\.\d+)/;
const GO_SAYS = /go version go(\d+\.\d+(?:\.\d+)?)/;
const CDN = 'https://temporal.download';
const PROBE_TIMEOUT_MS = 3_000;
const DOWNLOAD_TIMEOUT_MS = 180_000;
const SIGN_OF_LIFE_MS = 15_000;

export interface FindOptions {
  log: (line: string) => void;
  local?: LocalConfig;
}

/**
 * The Temporal CLI to start the dev server with: TEMPORAL_CLI_PATH, PATH, our cache, the SDK's download, a build with Go.
 * Takes seconds, except for the build: about four minutes, once per machine. Safe to call from several processes at once.
 * @returns a path, or the bare name for PATH. @throws Error that names all ways to get one.
 */
export async function findTemporal({ log, local = localConfig() }: FindOptions): Promise<string> {
  if (local.temporalCliPath !== undefined) return givenPath(local.temporalCliPath);
  if (isAtLeast(await versionOf('temporal', '--version', TEMPORAL_SAYS), OLDEST_TEMPORAL)) return 'temporal';
  const suffix = process.platform === 'win32' ? '.exe' : '';
  const cached = join(local.cacheDir, `temporal-${TEMPORAL_VERSION}-${process.platform}-${process.arch}${suffix}`);
  if (existsSync(cached)) return cached;
  const obtainOnce = async () => {
    if (!existsSync(cached)) await obtain(cached, local.cacheDir, log);
    return cached;
  };
  return withFileLock(`${cached}.lock`, obtainOnce, (waitedMs) => {
    if (waitedMs % SIGN_OF_LIFE_MS === 0)
      log(`Another set-up is getting the Temporal CLI; waiting, ${waitedMs / 1000} s …`);
  });
}

async function givenPath(path: string): Promise<string> {
  const version = await versionOf(path, '--version', TEMPORAL_SAYS);
  if (isAtLeast(version, OLDEST_TEMPORAL)) return path;
  const found = version === undefined ? 'no Temporal CLI that runs' : `version ${version}`;
  throw new Error(`TEMPORAL_CLI_PATH is ${path}, but there is ${found}; it must be ${OLDEST_TEMPORAL} or newer.`);
}

/** Both ways put the binary in place by one rename, so that a cache never holds half a file. */
async function obtain(target: string, cacheDir: string, log: FindOptions['log']): Promise<void> {
  const workDir = await mkdtemp(join(cacheDir, 'incoming-'));
  try {
    const notDownloaded = await download(target, workDir, log);
    if (notDownloaded === undefined) return;
    const notBuilt = await build(target, workDir, log);
    if (notBuilt === undefined) return;
    throw new Error(
      [
        `There is no Temporal CLI ${OLDEST_TEMPORAL} or newer on this machine, and it could not be got:`,
        `- download from ${CDN}: ${notDownloaded}`,
        `- build from source: ${notBuilt}`,
        'Install it (https://docs.temporal.io/cli/setup-cli) so that `temporal` is on PATH, or set TEMPORAL_CLI_PATH to it,',
        `or install Go ${OLDEST_GO} or newer (https://go.dev/dl) and start again: that builds it.`,
      ].join('\n'),
    );
  } finally {
    await rm(workDir, { recursive: true, force: true });
  }
}

/** By the SDK, which knows the CDN's layout for each platform. @returns why not. */
async function download(target: string, workDir: string, log: FindOptions['log']): Promise<string | undefined> {
  try {
    await probeDownloads();
    const { TestWorkflowEnvironment } = await import('@temporalio/testing');
    log(`Downloading the Temporal CLI ${TEMPORAL_VERSION} …`);
    const executable = { type: 'cached-download', downloadDir: workDir, version: `v${TEMPORAL_VERSION}` } as const;
    const env = await within(DOWNLOAD_TIMEOUT_MS, TestWorkflowEnvironment.createLocal({ server: { executable } }));
    await env.teardown();
    const [file] = await readdir(workDir);
    if (file === undefined) return 'the download left no file';
    await rename(join(workDir, file), target);
    return undefined;
  } catch (err) {
    return reasonOf(err);
  }
}

/** With the cause: of fetch's errors only that one says something. */
export function reasonOf(err: unknown): string {
  const { message, cause } = err as Error;
  return cause instanceof Error ? `${message} (${cause.message})` : message;
}

/** Fails within seconds where there is no internet; the SDK's own attempt hangs for minutes where packets are dropped. */
export async function probeDownloads(): Promise<void> {
  await fetch(CDN, { method: 'HEAD', signal: AbortSignal.timeout(PROBE_TIMEOUT_MS) });
}

/** From the pinned tools module: go.sum fixes every byte of source. @returns why not. */
async function build(target: string, workDir: string, log: FindOptions['log']): Promise<string | undefined> {
  const version = await versionOf('go', 'version', GO_SAYS);
  if (!isAtLeast(version, OLDEST_GO)) return version === undefined ? 'Go is not on PATH' : `Go ${version} is too old`;
  log(`Building the Temporal CLI ${TEMPORAL_VERSION} with Go ${version}: about four minutes, once per machine.`);
  const built = join(workDir, 'temporal');
  const versionFlag = `-X github.com/temporalio/cli/internal/temporalcli.Version=${TEMPORAL_VERSION}`;
  const args = ['build', '-mod=readonly', '-ldflags', `-s -w ${versionFlag}`, '-o', built];
  const failure = await run('go', [...args, 'github.com/temporalio/cli/cmd/temporal'], (ms) =>
    log(`Building the Temporal CLI, ${ms / 1000} s …`),
  );
  if (failure !== undefined) return `go build: ${failure}`;
  await rename(built, target);
  return undefined;
}

/** @returns the end of what it printed, unless it succeeded. */
async function run(file: string, args: string[], signOfLife: (ms: number) => void): Promise<string | undefined> {
  const cwd = fileURLToPath(new URL('temporal-cli', import.meta.url));
  const child = spawn(file, args, { cwd, stdio: ['ignore', 'ignore', 'pipe'], windowsHide: true });
  const release = child.pid === undefined ? undefined : endWithUs(child.pid);
  let output = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output = (output + text).slice(-2_000)));
  let elapsedMs = 0;
  const ticker = setInterval(() => signOfLife((elapsedMs += SIGN_OF_LIFE_MS)), SIGN_OF_LIFE_MS);
  try {
    const code = await new Promise<number | null>((done, failed) => child.once('error', failed).once('close', done));
    return code === 0 ? undefined : output.trim() || `exit code ${code}`;
  } finally {
    clearInterval(ticker);
    release?.();
  }
}

/** What `said` captures of the program's answer; undefined when it can't be run or is something else. */
async function versionOf(file: string, argument: string, said: RegExp): Promise<string | undefined> {
  try {
    const { stdout } = await promisify(execFile)(file, [argument], { timeout: 20_000, windowsHide: true });
    return said.exec(stdout)?.[1];
  } catch {
    return undefined; // absent, not executable, or of another platform
  }
}

function isAtLeast(version: string | undefined, oldest: string): boolean {
  return version !== undefined && version.localeCompare(oldest, 'en', { numeric: true }) >= 0;
}

async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not finished after ${ms / 1000} s`)), ms);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}
