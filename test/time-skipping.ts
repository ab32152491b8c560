/** Temporal's test server whose clock jumps ahead while everybody waits. One clock for all: a test starts its own. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Connection } from '@temporalio/client';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { localConfig } from '../config.js';
import { freePort } from '../workers/dev-server.js';
import { withFileLock } from '../workers/lock.mjs';
import { endWithUs } from '../workers/orphan-guard.js';
import { probeDownloads, reasonOf } from '../workers/temporal-binary.js';

export interface TimeSkippingServer {
  /** For `TestWorkflowEnvironment.createFromExistingServer`. */
  address: string;
  stop: () => Promise<void>;
}

// As in time-skipping.pom.xml.
const VERSION = '1.38.0';
const START_TIMEOUT_MS = 30_000;

/** By the SDK's download, else with Maven and Java; where neither is to be had, the reason, for a test to print and skip. */
export async function timeSkippingServer(): Promise<TimeSkippingServer | { unavailable: string }> {
  try {
    return await downloaded();
  } catch (notDownloaded) {
    try {
      return await onJava();
    } catch (notOnJava) {
      return {
        unavailable: `no time-skipping server: download: ${reasonOf(notDownloaded)}; Java: ${reasonOf(notOnJava)}`,
      };
    }
  }
}

async function downloaded(): Promise<TimeSkippingServer> {
  await probeDownloads();
  const { cacheDir } = localConfig();
  await mkdir(cacheDir, { recursive: true });
  const executable = { type: 'cached-download', downloadDir: cacheDir, ttl: '30 days' } as const;
  const env = await TestWorkflowEnvironment.createTimeSkipping({ server: { executable } });
  return { address: env.address, stop: () => env.teardown() };
}

async function onJava(): Promise<TimeSkippingServer> {
  const classPath = join(await jars(), '*');
  const port = await freePort();
  const args = ['-cp', classPath, 'io.temporal.testserver.TestServer', String(port), '--enable-time-skipping'];
  const child = spawn('java', args, { stdio: 'ignore', windowsHide: true });
  await once(child, 'spawn');
  const release = endWithUs(child.pid ?? 0);
  const exited = once(child, 'exit').then(release);
  const stop = async () => {
    child.kill('SIGKILL');
    await exited;
  };
  const address = `127.0.0.1:${port}`;
  const ended = exited.then(() => Promise.reject(new Error('the test server ended at its start')));
  try {
    const connecting = Connection.connect({ address, connectTimeout: START_TIMEOUT_MS });
    await (await Promise.race([connecting, ended])).close();
  } catch (err) {
    await stop();
    throw err;
  }
  ended.catch(() => undefined); // from here on its end is the caller's wish
  return { address, stop };
}

/** Folder with the server's jars, fetched by Maven once per machine. */
async function jars(): Promise<string> {
  const { cacheDir } = localConfig();
  const target = join(cacheDir, `temporal-test-server-${VERSION}`);
  if (existsSync(target)) return target;
  const fetchOnce = async () => {
    if (existsSync(target)) return target;
    const incoming = await mkdtemp(join(cacheDir, 'incoming-'));
    try {
      const pom = fileURLToPath(new URL('time-skipping.pom.xml', import.meta.url));
      const args = ['-q', '-B', '-f', pom, 'dependency:copy-dependencies', `-DoutputDirectory=${incoming}`];
      await promisify(execFile)('mvn', args, { shell: process.platform === 'win32', timeout: 120_000 });
      await rename(incoming, target);
    } finally {
      await rm(incoming, { recursive: true, force: true });
    }
    return target;
  };
  return withFileLock(`${target}.lock`, fetchOnce, () => undefined);
}
