/** The README's examples, word for word, against a worker, Temporal, PostgreSQL and the simulator. */
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createSimulator, type RunningSimulator } from '../../simulator/app.js';
import { newVaultKeys } from '../../store/vault.js';
import { cli } from '../client/cli.js';
import { createTestDatabase, spawnNode, temporalAddress, type SpawnedNode, type TestDatabase } from '../harness.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
let simulator: RunningSimulator;
let database: TestDatabase;
let worker: SpawnedNode;
let env: Record<string, string>;
let readme: string;

beforeAll(async () => {
  readme = await readFile(join(root, 'README.md'), 'utf8');
  simulator = await createSimulator({ seed: 21 }).start();
  database = await createTestDatabase();
  env = {
    DATABASE_URL: database.url,
    TEMPORAL_ADDRESS: await temporalAddress(),
    TEMPORAL_MIRO_ID_KEY: randomBytes(32).toString('base64'),
    TEMPORAL_MIRO_VAULT_KEYS: newVaultKeys(),
    TEMPORAL_MIRO_CODEC_KEYS: newVaultKeys(),
    TEMPORAL_MIRO_TASK_QUEUE: `readme-${randomUUID()}`,
    MIRO_API_URL: simulator.url,
    MIRO_ACCESS_TOKEN: simulator.accessToken,
  };
  worker = await spawnNode(join(root, 'workers/main.ts'), [], env);
  await worker.waitFor(/"ready"/);
});
afterAll(async () => {
  await worker.kill('SIGKILL');
  await database.drop();
  await simulator.close();
});

/** The first block of that language which holds `text`. */
function block(language: string, text: string): string {
  const blocks = [...readme.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)];
  const found = blocks.find(([, of, code]) => of === language && code?.includes(text))?.[2];
  if (found === undefined) throw new Error(`the README has no ${language} block with ${text}`);
  return found;
}

/** A command line as a shell would split it. */
const words = (line: string): string[] =>
  [...line.matchAll(/(?:[^\s"]|"[^"]*")+/g)].map(([word]) => word.replaceAll('"', ''));

it('README example: the commands provision, watch and list', async () => {
  const lines = block('sh', 'temporal-miro provision').trim().split('\n');
  expect(lines.map((line) => words(line).slice(0, 3).join(' '))).toEqual([
    'temporal-miro provision --key',
    'temporal-miro runs watch',
    'temporal-miro runs list',
  ]);
  const outputs = [];
  for (const line of lines) outputs.push(await cli(words(line).slice(1), { env }));
  expect(outputs.map(({ code, stderr }) => (code === 0 ? 0 : stderr))).toEqual([0, 0, 0]);
  expect(outputs[2]?.stdout).toMatch(/done +provisionBoard:default:\w+ +1 +https:\/\/miro\.com\/app\/board/);
});

it('README example: the library', async () => {
  const code = block('ts', 'createTemporalMiro')
    .replace("'temporal-miro'", `'${new URL('../../client/index.ts', import.meta.url).href}'`)
    .replace(
      'createTemporalMiro({ idKey, codecKeys })',
      `createTemporalMiro({ idKey, codecKeys, taskQueue: '${env['TEMPORAL_MIRO_TASK_QUEUE']}' })`,
    );
  const folder = await mkdtemp(join(root, 'test/e2e/example-'));
  try {
    await writeFile(join(folder, 'example.ts'), code);
    const example = await spawnNode(join(folder, 'example.ts'), [], env);
    expect(await example.exited).toEqual({ code: 0, signal: null });
    const said = example.lines().join('\n');
    expect(said).toMatch(/^https:\/\/miro\.com\/app\/board\//);
    expect(said).toMatch(/^done \{[\s\S]*made: 4,[\s\S]*\} \[\]$/m);
  } finally {
    await rm(folder, { recursive: true });
  }
});
