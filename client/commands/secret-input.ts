/** Secrets that people hand in. Never from an argument: those stand in the shell's history and in everybody's list of processes. */
import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { badInput } from './exit-codes.js';

/**
 * From the file of `--<what>-file`, or from standard input.
 * @param what as messages call it @param file value of the option @throws CommandError when nothing is given
 */
export async function readSecretInput(what: 'secret' | 'token', file: string | undefined): Promise<string> {
  const option = `--${what}-file`;
  if (file === undefined && process.stdin.isTTY)
    throw badInput(`no ${what} is given: pipe it in, e.g. with < ${what}.txt, or name its file with ${option}`);
  const given = file === undefined ? await text(process.stdin) : await readSecretFile(option, file);
  const secret = given.trim();
  if (secret === '') throw badInput(`the ${what} is empty; give it on standard input, or in the file of ${option}`);
  return secret;
}

async function readSecretFile(option: string, path: string): Promise<string> {
  return readFile(path, 'utf8').catch((error: Error) => {
    throw badInput(`${option} can't be read: ${error.message}`);
  });
}
