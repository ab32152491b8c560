/**
 * `.temporal-miro/`: what `temporal-miro up` keeps in a folder. `keys.env` stays for good; `running.env` is there while `up` runs and holds the whole
 * environment of its processes, so that commands started in that folder need none. Both can be given to `node --env-file`.
 */
import { randomBytes } from 'node:crypto';
import { appendFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseEnv } from 'node:util';
import { withDefaults, type Env } from '../../config.js';
import { newKeyRing } from '../../key-ring.js';
import { badInput } from './exit-codes.js';

const SECRET_FILE = { mode: 0o600 };

export interface StateFolder {
  path: string;
  /** The keys of this installation; what is missing is made, once. */
  keys(): Promise<Env>;
  /** Tells the commands started in this folder how to reach what runs. @returns to be called when it does not run any more */
  announce(env: Env): Promise<() => Promise<void>>;
}

/**
 * Opens the state folder inside `dir` for `up`; made if it is missing.
 * @throws CommandError when another `up` runs on it.
 */
export async function openStateFolder(dir: string): Promise<StateFolder> {
  const path = resolve(dir, '.temporal-miro');
  await mkdir(path, { recursive: true, mode: 0o711 });
  await refuseSecond(join(path, 'up.pid'));
  return {
    path,
    keys: () => ensureKeys(join(path, 'keys.env')),
    async announce(env) {
      await writeFile(join(path, 'running.env'), envText(env), SECRET_FILE);
      await writeFile(join(path, 'up.pid'), String(process.pid));
      return async () => {
        await Promise.all(['running.env', 'up.pid'].map((name) => rm(join(path, name), { force: true })));
      };
    },
  };
}

/** The environment of a command started in `dir`: the real one, completed by what `up` has left there. */
export async function environmentOf({ dir = '.' }: { dir?: string }): Promise<Env> {
  const folder = join(dir, '.temporal-miro');
  const texts = await Promise.all(['keys.env', 'running.env'].map((name) => readIfThere(join(folder, name))));
  return withDefaults(Object.assign({}, ...texts.map(parseEnv)) as Env);
}

async function ensureKeys(path: string): Promise<Env> {
  const kept = parseEnv(await readIfThere(path));
  const made = {
    TEMPORAL_MIRO_ID_KEY: randomBytes(32).toString('base64'),
    TEMPORAL_MIRO_VAULT_KEYS: newKeyRing(),
    TEMPORAL_MIRO_CODEC_KEYS: newKeyRing(),
  };
  const missing = Object.entries(made).filter(([name]) => kept[name] === undefined);
  if (missing.length > 0) await appendFile(path, envText(Object.fromEntries(missing)), SECRET_FILE);
  return { ...Object.fromEntries(missing), ...kept };
}

async function refuseSecond(pidFile: string): Promise<void> {
  const pid = Number(await readIfThere(pidFile));
  if (!pid || pid === process.pid || !isAlive(pid)) return;
  throw badInput(
    `temporal-miro up runs in this folder already (process ${pid}); use that one, or stop it. If it is none, remove ${pidFile}`,
  );
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'; // alive, and somebody else's
  }
}

function envText(env: Env): string {
  const lines = Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${value}\n`]));
  return lines.join('');
}

async function readIfThere(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}
