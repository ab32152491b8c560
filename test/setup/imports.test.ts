/** The import boundaries are lint rules; these lines prove that the rules bite. */
import { fileURLToPath } from 'node:url';
import { ESLint } from 'eslint';
import tseslint from 'typescript-eslint';
import { expect, it } from 'vitest';

const eslint = new ESLint({
  cwd: fileURLToPath(new URL('../..', import.meta.url)),
  overrideConfig: tseslint.configs.disableTypeChecked, // the files of these tests are not on disk
});

async function complaints(filePath: string, code: string): Promise<string[]> {
  const [result] = await eslint.lintText(code, { filePath });
  return (result?.messages ?? [])
    .map(({ ruleId }) => ruleId ?? 'not parsed')
    .filter((rule) => !rule.endsWith('unused-vars'));
}

const IMPORT_RULE = '@typescript-eslint/no-restricted-imports';

it.each([
  ['workflows/new.ts', "import { createActivities } from '../activities/index.js';"],
  ['workflows/new.ts', "import { z } from 'zod';"],
  ['workflows/new.ts', "import { createHash } from 'node:crypto';"],
  ['workflows/new.ts', "import { readFile } from 'fs';"],
  ['workflows/new.ts', "import { workflowId } from '../ids.js';"],
  ['client/new.ts', "import { openDb } from '../store/db.js';"],
  ['client/new.ts', "import pg from 'pg';"],
  ['jobs/provision-board/new.ts', "import { openDb } from '../../store/db.js';"],
  ['jobs/new.ts', "import { readFile } from 'node:fs/promises';"],
  ['miro/new.ts', "import { ApplicationFailure } from '@temporalio/common';"],
  ['store/new.ts', "import { MiroError } from '../miro/index.js';"],
  ['store/new.ts', "import { boardUrl } from '../contract.js';"],
  ['activities/new.ts', "import { workerConfig } from '../config.js';"],
  ['workers/new.ts', "import { workerConfig } from '../config.js';"],
  ['simulator/new.ts', "import type { BoardUrl } from '../contract.js';"],
  ['simulator/boards/new.ts', "import { OPERATIONS } from '../../miro/operations.js';"],
  ['contract.ts', "import { z } from 'zod';"],
])('refuses in %s: %s', async (file, code) => {
  expect(await complaints(file, code)).toContain(IMPORT_RULE);
});

it.each([
  ['workflows/new.ts', "import type { Activities } from '../activities/index.js';"],
  ['workflows/new.ts', "import { boardUrl } from '../contract.js';"],
  ['workflows/new.ts', "import { sleep } from '@temporalio/workflow';"],
  ['activities/new.ts', "import { MiroError } from '../miro/index.js';"],
  ['workers/main.ts', "import { workerConfig } from '../config.js';"],
  ['client/new.ts', "import type { provisionBoard } from '../workflows/index.js';"],
  ['jobs/provision-board/new.ts', "import type { Blueprint } from '../../contract.js';"],
  ['simulator/boards/new.ts', "import { Hono } from 'hono';"],
])('allows in %s: %s', async (file, code) => {
  expect(await complaints(file, code)).toEqual([]);
});

it.each([
  ['store/new.ts', 'export default 1;'],
  ['store/new.ts', "export * from './db.js';"],
  ['store/new.ts', 'enum Colour { Red }'],
  ['store/new.ts', 'console.log(process.env.HOME);'],
])('refuses the form in %s: %s', async (file, code) => {
  expect(await complaints(file, code)).toEqual(['no-restricted-syntax']);
});
