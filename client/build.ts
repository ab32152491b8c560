/** `npm run build`: dist/ as it is published: JavaScript and types, the data files beside them, and the workflows as one bundle. */
import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode } from '@temporalio/worker';
import { failureConverterPath } from '../codec.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = join(root, 'dist');
const COMPILED = new Set(['.ts', '.mjs']);
/** Folders with files that the code reads at run time. */
const WITH_DATA = ['gateway', 'jobs', 'simulator', 'store/migrations', 'workers/temporal-cli'];

function compile(): void {
  const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');
  execFileSync(process.execPath, [tsc, '--project', join(root, 'tsconfig.build.json')], { stdio: 'inherit' });
  if (process.platform !== 'win32') chmodSync(join(dist, 'client/cli.js'), 0o755);
}

function copyData(): void {
  const isData = (path: string) => statSync(path).isDirectory() || !COMPILED.has(extname(path));
  cpSync(failureConverterPath, join(dist, basename(failureConverterPath)));
  for (const folder of WITH_DATA) cpSync(join(root, folder), join(dist, folder), { recursive: true, filter: isData });
}

/** Made by the SDK version that is to run it; saves each worker a second and 200 MB at its start. */
async function bundleWorkflows(): Promise<void> {
  const workflowsPath = join(dist, 'workflows/index.js');
  const { code } = await bundleWorkflowCode({ workflowsPath, failureConverterPath });
  writeFileSync(join(dist, 'workflow-bundle.js'), code);
}

rmSync(dist, { recursive: true, force: true });
compile();
copyData();
await bundleWorkflows();
