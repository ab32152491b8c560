/** Each of these has cost somebody a day: the versions and types of the SDK's own dependencies. */
import { fileURLToPath } from 'node:url';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker } from '@temporalio/worker';
import { historyFromJSON, historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import ts from 'typescript';
import { expect, it } from 'vitest';
import { temporalAddress } from '../harness.js';
import { greet } from './workflows.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const workflowsPath = fileURLToPath(new URL('workflows.ts', import.meta.url));

it('replays a history that went through JSON, which needs protobufjs 8 at the top of node_modules', async () => {
  const env = await TestWorkflowEnvironment.createFromExistingServer({ address: await temporalAddress() });
  const worker = await Worker.create({ connection: env.nativeConnection, taskQueue: 'traps', workflowsPath });
  const history = await worker.runUntil(async () => {
    const handle = await env.client.workflow.start(greet, {
      workflowId: 'greeting',
      taskQueue: 'traps',
      args: ['you'],
    });
    expect(await handle.result()).toBe('hello you');
    return handle.fetchHistory();
  });
  await env.teardown();
  const saved: unknown = JSON.parse(historyToJSON(history));
  expect(historyFromJSON(saved).events?.length).toBe(history.events?.length);
  await Worker.runReplayHistory({ workflowsPath }, saved, 'greeting');
});

it('refuses a duration that is none, although the types of `ms` are hidden', { timeout: 120_000 }, () => {
  const file = `${root}test/setup/durations.ts`;
  const source = `import type { Duration } from '@temporalio/common';
    export const good: Duration[] = [1_000, '30s', '1 hour'];
    export const bad: Duration = { oops: 1 };`;
  const messages = compile(file, source);
  expect(messages).toEqual([expect.stringContaining("not assignable to type 'Duration'")]);
});

it('locks the native packages of every platform, without which npm ci refuses to start', () => {
  const { packages } = JSON.parse(ts.sys.readFile(`${root}package-lock.json`) ?? '') as {
    packages: Record<string, { optionalDependencies?: Record<string, string> }>;
  };
  const missing = Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies).filter(
      (name) => !(`node_modules/${name}` in packages) && !(`${path}/node_modules/${name}` in packages),
    ),
  );
  expect(missing).toEqual([]);
});

/** Compiles one file that is not on disk, with the project's own options. */
function compile(file: string, source: string): string[] {
  const { config } = ts.readConfigFile(`${root}tsconfig.json`, (path) => ts.sys.readFile(path)) as { config: unknown };
  const { options } = ts.parseJsonConfigFileContent(config, { ...ts.sys, readDirectory: () => [] }, root);
  const host = ts.createCompilerHost(options);
  const fileExists = host.fileExists.bind(host);
  const getSourceFile = host.getSourceFile.bind(host);
  host.fileExists = (path) => path === file || fileExists(path);
  host.getSourceFile = (path, target, ...rest) =>
    path === file ? ts.createSourceFile(path, source, target) : getSourceFile(path, target, ...rest);
  return ts
    .getPreEmitDiagnostics(ts.createProgram([file], options, host))
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
}
