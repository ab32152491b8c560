/** The examples of docs/embedding.md, run as they stand there. */
import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, type WorkflowBundleWithSourceMap } from '@temporalio/worker';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { idKey } from '../../ids.js';
import { createMiro, createPool, createScim, scimUrl } from '../../miro/index.js';
import type { RunningWorker } from '../../workers/worker.js';
import { startStack, type Stack } from '../stack.js';
import { ask, textOf, theBoard } from './boards.js';

const page = await readFile(new URL('../../docs/embedding.md', import.meta.url), 'utf8');
const examples = [...page.matchAll(/^```ts file=(\S+)\n([\s\S]*?)^```$/gm)].map(([, file = '', code = '']) => ({
  file,
  code,
}));

/** In the repository our packages are folders. */
const SOURCES: Record<string, string> = {
  'temporal-miro/workflows': '../../../workflows/index.js',
  'temporal-miro/activities': '../../../activities/index.js',
  'temporal-miro/worker': '../../../workers/worker.js',
};

interface HostModule {
  startHost: (host: object) => Promise<RunningWorker>;
}

let stack: Stack;
let folder: string;
let worker: RunningWorker;
let ended: Promise<void>;
const dispatcher = createPool();
beforeAll(async () => {
  stack = await startStack();
  folder = await mkdtemp(fileURLToPath(new URL('embedding-', import.meta.url)));
  for (const { file, code } of examples)
    await writeFile(
      `${folder}/${file}`,
      code.replace(/temporal-miro\/\w+/g, (name) => SOURCES[name] ?? name),
    );
  const workflowBundle: WorkflowBundleWithSourceMap = await bundleWorkflowCode({
    workflowsPath: `${folder}/workflows.ts`,
    failureConverterPath: stack.dataConverter.failureConverterPath,
    logger: { trace() {}, debug() {}, info() {}, warn() {}, error() {}, log() {} },
  });
  const { startHost } = (await import(/* @vite-ignore */ `${folder}/worker.ts`)) as HostModule;
  const { db, vault, simulator, native: connection, taskQueue, dataConverter } = stack;
  const miro = createMiro({ dispatcher, baseUrl: simulator.url });
  const siteUrls = { apiUrl: simulator.url, scimUrl: scimUrl(simulator.url) };
  const scim = createScim({ dispatcher, baseUrl: siteUrls.scimUrl });
  const deps = { db, vault, dispatcher, miro, scim, ...siteUrls, idKey: idKey(stack.idKey) };
  worker = await startHost({ connection, taskQueue, dataConverter, workflowBundle, deps });
  ended = worker.run();
});
afterAll(async () => {
  worker.shutdown();
  await ended;
  await dispatcher.close();
  await stack.close();
  await rm(folder, { recursive: true });
});

it('lets a workflow of the host make a board as a child, which the library then finds by its key', async () => {
  expect(examples.map(({ file }) => file)).toEqual(['workflows.ts', 'worker.ts', 'open-project.ts']);
  const url: unknown = await stack.temporal.workflow.execute('openProject', {
    workflowId: randomUUID(),
    taskQueue: stack.taskQueue,
    args: [{ id: '7', name: 'Apollo' }],
  });
  const board = await theBoard(stack, 'Project Apollo');
  expect(url).toContain(encodeURIComponent(board.id).slice(0, 8));
  expect(board.items.map(textOf)).toEqual(['<p>Why Apollo?</p>']);

  const answer = await ask(stack, {
    key: 'project:7',
    name: 'Project {{project.name}}',
    placeholders: { project: { name: 'Apollo' } },
    template: {
      blueprint: {
        version: 1,
        items: [{ id: 'goal', type: 'sticky_note', position: { x: 0, y: 0 }, content: 'Why {{project.name}}?' }],
      },
    },
  });
  expect(answer).toMatchObject({ state: 'ready', boardId: board.id, outcome: 'existing', differences: [] });
  await answer.handle.result();
});
