import { once } from 'node:events';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { Connection } from '@temporalio/client';
import pg from 'pg';
import { expect, it } from 'vitest';
import { SEARCH_ATTRIBUTES } from '../../contract.js';
import { createTestDatabase, spawnNode, temporalAddress } from '../harness.js';

const program = fileURLToPath(new URL('programs/greet-or-listen.ts', import.meta.url));

it('shares one Temporal server that knows our search attributes', async () => {
  expect(await temporalAddress()).toBe(await temporalAddress());
  const connection = await Connection.connect({ address: await temporalAddress() });
  const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace: 'default' });
  expect(Object.keys(customAttributes)).toEqual(expect.arrayContaining(Object.keys(SEARCH_ATTRIBUTES)));
  await connection.close();
});

it('gives each caller a migrated database of its own, also when many ask at once', async () => {
  const databases = await Promise.all(Array.from({ length: 5 }, createTestDatabase));
  expect(new Set(databases.map(({ url }) => url)).size).toBe(5);
  for (const { url, drop } of databases) {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    const { rows } = await client.query<{ name: string }>(
      "select table_name as name from information_schema.tables where table_name = 'effects'",
    );
    expect(rows).toEqual([{ name: 'effects' }]);
    await client.end();
    await drop();
  }
});

it('shows what a process prints and how it ends', async () => {
  const child = await spawnNode(program, ['3'], { GREETING: 'hello' });
  expect(await child.waitFor(/^hello/)).toBe('hello 3');
  expect(await child.exited).toEqual({ code: 3, signal: null });
  await expect(child.waitFor(/goodbye/)).rejects.toThrow(/the process ended.*hello 3/s);
});

it('kills the program itself, not a wrapper around it', async () => {
  const taken = createServer();
  const child = await spawnNode(program, ['listen']);
  const [, port] = /port (\d+)/.exec(await child.waitFor(/port/)) ?? [];
  expect((await child.kill('SIGKILL')).signal).toBe('SIGKILL');
  taken.listen(Number(port), '127.0.0.1');
  await once(taken, 'listening'); // nobody holds the port any longer
  taken.close();
});
