/** Files and standard input that commands take: YAML, of which JSON is a part. */
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { badInput } from './exit-codes.js';

const SHIPPED = fileURLToPath(new URL('../../jobs/provision-board/blueprints/', import.meta.url));

/** The data in a file, or in what is piped in for `-`. @param option whose value `path` is, for the message */
export async function readDocument(option: string, path: string): Promise<unknown> {
  try {
    return parse(path === '-' ? await text(process.stdin) : await readFile(path, 'utf8')) as unknown;
  } catch (error) {
    throw badInput(
      `${option} ${path} can't be read: ${(error as Error).message.split('\n')[0]}; give a YAML or JSON file`,
    );
  }
}

/** A blueprint by path, or one of ours by its name. */
export async function readBlueprint(nameOrPath: string): Promise<unknown> {
  if (existsSync(nameOrPath) || /[./\\]/.test(nameOrPath)) return readDocument('--blueprint', nameOrPath);
  const names = await shippedBlueprints();
  if (names.includes(nameOrPath)) return readDocument('--blueprint', `${SHIPPED}${nameOrPath}.yaml`);
  throw badInput(`--blueprint ${nameOrPath} is neither a file nor one of ours: ${names.join(', ')}`);
}

/** Names for `--blueprint`. */
export async function shippedBlueprints(): Promise<string[]> {
  const files = await readdir(SHIPPED);
  return files.filter((file) => file.endsWith('.yaml')).map((file) => file.slice(0, -'.yaml'.length));
}

/** Its fields. @throws CommandError for a list or a single value. */
export function recordOf(option: string, value: unknown): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw badInput(`${option} holds no fields; write them like name: Kick-off`);
}
