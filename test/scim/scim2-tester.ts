/** https://github.com/python-scim/scim2-tester: checks a SCIM service against RFC 7643 and 7644. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { localConfig } from '../../config.js';
import { withFileLock } from '../../workers/lock.mjs';
import { reasonOf } from '../../workers/temporal-binary.js';

export interface Check {
  check: string;
  resource: string | null;
  status: 'SUCCESS' | 'COMPLIANT' | 'ACCEPTABLE' | 'DEVIATION' | 'ERROR' | 'CRITICAL' | 'SKIPPED';
  reason: string | null;
}

export type Suite = (base: string, token: string) => Promise<Check[]>;

const run = promisify(execFile);
const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
const REQUIREMENTS = here('conformance-requirements.txt');
const TELL_VERSION = 'import sys, venv, ensurepip; print(*sys.version_info[:2])';
const PYTHON = process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python';

/** The suite in a virtual environment of its own, made once per machine; where that can't be, the reason. */
export async function scim2Tester(): Promise<Suite | { unavailable: string }> {
  try {
    const python = await environment();
    return async (base, token) => {
      const { stdout } = await run(python, [here('conformance.py'), base, token], {
        timeout: 120_000,
        maxBuffer: 50_000_000,
      });
      return JSON.parse(stdout) as Check[];
    };
  } catch (err) {
    return { unavailable: `no scim2-tester: ${reasonOf(err)}` };
  }
}

async function environment(): Promise<string> {
  const { stdout } = await run('python3', ['-c', TELL_VERSION], { timeout: 20_000 });
  const [major = 0, minor = 0] = stdout.split(' ').map(Number);
  if (major !== 3 || minor < 10) throw new Error(`python3 is ${major}.${minor}, needed is 3.10`);
  const pins = createHash('sha256')
    .update(await readFile(REQUIREMENTS))
    .digest('hex')
    .slice(0, 12);
  const { cacheDir } = localConfig();
  const target = join(cacheDir, `scim2-tester-${major}.${minor}-${pins}`);
  if (!existsSync(target)) {
    const once = () => (existsSync(target) ? Promise.resolve() : install(cacheDir, target));
    await withFileLock(`${target}.lock`, once, () => undefined);
  }
  return join(target, PYTHON);
}

/** Put in place by one rename, so that there is never half an environment. */
async function install(cacheDir: string, target: string): Promise<void> {
  await mkdir(cacheDir, { recursive: true });
  const incoming = await mkdtemp(join(cacheDir, 'incoming-'));
  try {
    await run('python3', ['-m', 'venv', incoming], { timeout: 60_000 });
    const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-input', '-r', REQUIREMENTS];
    await run(join(incoming, PYTHON), pip, { timeout: 150_000 });
    await rename(incoming, target);
  } finally {
    await rm(incoming, { recursive: true, force: true });
  }
}
