import { expect, it } from 'vitest';
import { workflowBundle } from '../stack.js';

it('bundles nothing of activities, schemas or Node into the workflows', async () => {
  const { code } = await workflowBundle();
  expect(code).toContain('ensureConnectors'); // the story is in it
  for (const foreign of [
    'ZodError',
    'class MiroError',
    'node_modules/zod',
    'undici',
    'node:crypto',
    'createHmac',
    'node_modules/pg',
  ])
    expect(code.includes(foreign), foreign).toBe(false);
  const ours = [...new Set([...code.matchAll(/"\.\/([\w/-]+\.ts)"/g)].map(([, file]) => file))].sort();
  expect(ours).toEqual([
    'contract-retro.ts',
    'contract.ts',
    ...[
      'approval',
      'deliver-webhook',
      'ending',
      'index',
      'link-back',
      'parking',
      'plan-retro',
      'progress',
      'provision-board',
      'retro-progress',
      'retro-run',
      'retro-to-tickets',
      'steps',
      'sweep',
      'tend-grants',
      'undo-retro',
      'waiting',
    ].map((name) => `workflows/${name}.ts`),
  ]);
});
