import { mkdir, open, rename, rm, stat, utimes } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const HEARTBEAT_MS = 1_000;
// A holder whose event loop stalled for this long is taken for dead. Process ids would say less: caches are shared by containers.
const STALE_MS = 10_000;

/**
 * Runs `work` while no other process holds the lock file; waits for whoever holds it, and takes over from one that died.
 * Plain JavaScript because the bootstrap needs it before TypeScript can run.
 * @template T
 * @param {string} file path of the lock; its folder is made
 * @param {() => Promise<T>} work
 * @param {(waitedMs: number) => void} onWait called about once a second while another process holds the lock
 * @returns {Promise<T>}
 */
export async function withFileLock(file, work, onWait) {
  await mkdir(dirname(file), { recursive: true });
  for (let waitedMs = 0; !(await take(file)); waitedMs += HEARTBEAT_MS) {
    onWait(waitedMs);
    await delay(HEARTBEAT_MS);
    await removeStale(file);
  }
  const heartbeat = setInterval(() => void utimes(file, new Date(), new Date()).catch(() => {}), HEARTBEAT_MS);
  try {
    return await work();
  } finally {
    clearInterval(heartbeat);
    await rm(file, { force: true });
  }
}

/** @param {string} file */
async function take(file) {
  try {
    const handle = await open(file, 'wx');
    await handle.close();
    return true;
  } catch (err) {
    if (isCode(err, 'EEXIST') || isCode(err, 'EPERM')) return false; // EPERM: Windows, while the holder removes it
    throw err;
  }
}

/** @param {string} file */
async function removeStale(file) {
  try {
    if (Date.now() - (await stat(file)).mtimeMs < STALE_MS) return;
    // Of several waiters only one succeeds in renaming it.
    const grave = `${file}.${process.pid}`;
    await rename(file, grave);
    await rm(grave, { force: true });
  } catch (err) {
    if (!isCode(err, 'ENOENT')) throw err;
  }
}

/**
 * @param {unknown} err
 * @param {string} code
 */
const isCode = (err, code) => err instanceof Error && 'code' in err && err.code === code;
