import { badInput } from './exit-codes.js';

/**
 * Loads a part of the program that needs optional packages: who only starts jobs need not install a worker.
 * @throws CommandError that names the package to install
 */
export async function optionalPart<T>(load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (error) {
    const [, missing] = /Cannot find package '([^']+)'/.exec((error as Error).message) ?? [];
    if (missing === undefined) throw error;
    throw badInput(`this command needs the npm package ${missing}; install it with: npm install ${missing}`);
  }
}
