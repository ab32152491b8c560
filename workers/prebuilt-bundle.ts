import { existsSync } from 'node:fs';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * The workflow bundle that `npm run build` has put into dist/. Run from source there is none: an old one would hide what was just changed.
 * It saves about a second and 200 MB at a worker's start.
 */
export function prebuiltBundle(): { codePath: string } | undefined {
  if (extname(import.meta.url) === '.ts') return undefined;
  const codePath = fileURLToPath(new URL('../workflow-bundle.js', import.meta.url));
  return existsSync(codePath) ? { codePath } : undefined;
}
