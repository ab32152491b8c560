import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { verdictOn } from '../../client/commands/exit-codes.js';
import { createProgram } from '../../client/commands/program.js';
import { createTestDatabase, spawnNode } from '../harness.js';
import { cli, CLI, documentOf } from './cli.js';

const env = { TEMPORAL_MIRO_ID_KEY: randomBytes(32).toString('base64') };
const complete = ['provision', '--key', 'k', '--name', 'N', '--blueprint', 'project-kick-off', '--yes'];

const key = ['keys', 'create', '--name', 'crm'];

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'temporal-miro-cli-'));
  await mkdir(join(folder, '.temporal-miro'));
  await writeFile(join(folder, '.temporal-miro', 'keys.env'), `TEMPORAL_MIRO_ID_KEY=${env.TEMPORAL_MIRO_ID_KEY}\n`);
  await writeFile(join(folder, 'empty.yaml'), 'version: 1\n');
  await writeFile(
    join(folder, 'outside.yaml'),
    'version: 1\nitems: [{ id: a, type: text, position: { x: 0, y: 0 }, size: 3 }]\n',
  );
  await writeFile(join(folder, 'broken.yaml'), 'version: [\n');
});
afterAll(() => rm(folder, { recursive: true }));

/** The commands that do something, with the words that call them. */
function doers(command: Command, path = ''): [path: string, command: Command][] {
  return command.commands.length === 0
    ? [[path, command]]
    : command.commands.flatMap((sub) => doers(sub, `${path} ${sub.name()}`.trim()));
}

describe('help', () => {
  it('names every command and the exit codes, and ends with 0', async () => {
    const { code, stdout } = await cli(['--help']);
    expect(code).toBe(0);
    for (const command of createProgram().commands) expect(stdout).toContain(`\n  ${command.name()} `);
    expect(stdout).toContain('Exit codes: 0 done; 1');
  });

  it('of a command has examples', async () => {
    expect((await cli(['provision', '--help'])).stdout).toMatch(/Examples:\n {2}\$ temporal-miro provision --key/);
  });

  it.each(doers(createProgram()))('of "%s" has an example of just that', (path, command) => {
    let help = '';
    command.configureOutput({ writeOut: (text) => (help += text) }).outputHelp();
    expect(help).toMatch(new RegExp(`Examples?:\\n {2}\\$ .*temporal-miro ${path}`));
  });
});

describe('bad input is refused before anything is reached', () => {
  it.each([
    ['an unknown command', ['provide'], /unknown command 'provide'/],
    ['an unknown option', ['provision', '--colour', 'red'], /unknown option '--colour'/],
    ['a choice that is none', [...complete, '--collision', 'ignore'], /Allowed choices are reuse, fail/],
    ['no answer to give where nobody can be asked', complete.slice(0, -1), /give --yes, or --plan-hash/],
    [
      'a blueprint that is not there',
      [...complete, '--blueprint', 'kick-of'],
      /neither a file nor one of ours: project-kick-off/,
    ],
    ['a file that is no YAML', [...complete, '--blueprint', 'broken.yaml'], /--blueprint \S+broken.yaml can't be read/],
    ['two templates', [...complete, '--copy-from', 'uXjVOD6LSME='], /--blueprint and --copy-from exclude each other/],
    [
      'a placeholder without a value',
      [...complete, '--placeholder', 'project.name'],
      /--placeholder project.name has no "="/,
    ],
    ['a member without a role', [...complete, '--member', 'anna@example.com'], /--member anna@example.com has no ":"/],
    ['a duration without a unit', [...complete, '--deadline', '90'], /--deadline 90 is no duration; write it like 90s/],
    ['an episode that is no number', [...complete, '--again', 'first'], /--again first is no whole number/],
    ['a placeholder that nobody filled', complete, /placeholders.project.name has no value/],
    [
      'a name that is too long',
      [...complete, '--blueprint', 'empty.yaml', '--name', 'x'.repeat(61)],
      /name is 61 characters long/,
    ],
    ['a field that is unknown', [...complete, '--blueprint', 'outside.yaml'], /unknown field "size"/],
    ['no store to read', ['runs', 'list'], /DATABASE_URL is missing/],
    ['a key for nobody', [...key, '--scope', 'events:read'], /either --tenant, once or more, or --all-tenants/],
    ['a key for some and for all', [...key, '--tenant', 'acme', '--all-tenants'], /either --tenant, once or more/],
    ['a key for nothing', [...key, '--all-tenants'], /give --scope, once or more: links:write/],
    ['a scope that is none', [...key, '--scope', 'everything'], /Allowed choices are links:write/],
    ['a tenant that can’t be', ['connections', 'list', '--tenant', 'ACME'], /the tenant "ACME" must be 1 to 63 small/],
    ['a connection that can’t be', ['connections', 'show', '../x'], /the connection "..\/x" must be 1 to 63 letters/],
    ['a team that is no id', ['connections', 'link', '--team', 'ours'], /A Miro team’s id has digits only/],
    ['a port that is none', ['gateway', '--port', '99999'], /A port is a number from 0 to 65535/],
    // Who only looks around must not stop everything.
    ['a pause of nothing', ['pause'], /or --all for every job/],
    ['a resume of nothing', ['resume'], /or --all for every job/],
    ['an event type that is none', ['events', '--type', 'run.begun'], /Allowed choices are connection.linked/],
    ['an endpoint that is no id', ['webhooks', 'remove', '1'], /"1" is no id/],
    ['an export as one document', ['tenants', 'export', 'acme', '--json'], /give --out with --json/],
  ])('%s', async (_, args, message) => {
    const inFolder = args.map((arg) => (arg.endsWith('.yaml') ? join(folder, arg) : arg));
    const { exitCode, message: said } = await verdictOf([...inFolder, '--dir', folder]);
    expect(said).toMatch(message);
    expect(exitCode).toBe(2);
  });

  it('with exit code 2, the reason on stderr and nothing on stdout', async () => {
    const { code, stdout, stderr } = await cli([...complete, '--deadline', '90'], { env });
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toBe('--deadline 90 is no duration; write it like 90s, 30m, 12h or 7d\n');
  });

  it('with --json as one document on stdout too', async () => {
    const result = await cli([...complete, '--deadline', '90', '--json'], { env });
    expect(result.code).toBe(2);
    const message = expect.stringContaining('--deadline 90') as string;
    expect(documentOf(result)).toEqual({ error: { type: 'CommandError', message } });
  });

  it('with what would hand plain text to a Temporal elsewhere', async () => {
    const blueprint = ['--blueprint', join(folder, 'empty.yaml')];
    const away = { ...env, TEMPORAL_ADDRESS: 'temporal.invalid:7233' };
    const { code, stderr } = await cli([...complete, ...blueprint], { env: away });
    expect([code, stderr]).toEqual([2, expect.stringMatching(/TEMPORAL_MIRO_CODEC_KEYS is missing.*--plaintext/)]);
  });

  it('with what there is instead of a command that only holds others', async () => {
    const { code, stderr } = await cli(['keys', '--json']);
    expect([code, stderr]).toEqual([
      2,
      expect.stringMatching(/unknown option '--json'\nIts commands: create, list, revoke/),
    ]);
  });

  it('with every setting that is wrong', async () => {
    const { code, stderr } = await cli(['worker'], {
      env: { DATABASE_URL: 'mysql://x', TEMPORAL_MIRO_TIME_SCALE: '0.5' },
    });
    expect(code).toBe(2);
    expect(stderr.match(/^- /gm)).toHaveLength(5);
  });
});

/** Without a process of its own: what a command throws is what decides about its exit code. */
async function verdictOf(args: string[]): Promise<ReturnType<typeof verdictOn>> {
  const program = createProgram();
  try {
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    return verdictOn(error);
  }
  throw new Error('it was not refused');
}

describe('a service that is absent ends with 5, and names its address but no password', () => {
  it('Temporal', async () => {
    const blueprint = ['--blueprint', join(folder, 'empty.yaml')];
    const { code, stderr } = await cli([...complete, ...blueprint], {
      env: { ...env, TEMPORAL_ADDRESS: '127.0.0.1:1' },
    });
    expect(code).toBe(5);
    expect(stderr).toMatch(/^Temporal at 127\.0\.0\.1:1 can't be reached/);
  });

  it.each([['runs', 'list'], ['migrate']])('PostgreSQL, for %s', async (...args) => {
    const { code, stderr } = await cli(args, {
      env: { ...env, DATABASE_URL: 'postgresql://app:secret@127.0.0.1:1/miro' },
    });
    expect(code).toBe(5);
    expect(stderr).toMatch(/^PostgreSQL at 127\.0\.0\.1:1\/miro can't be reached/);
    expect(stderr).not.toContain('secret');
  });
});

it('migrate tells what it applied, and nothing the second time', async () => {
  const { url, drop } = await createTestDatabase();
  try {
    const own = { DATABASE_URL: url, DATABASE_SCHEMA: 'elsewhere' };
    const first = documentOf(await cli(['migrate', '--json'], { env: own }));
    expect(first['applied']).toContain('0001_init');
    expect(documentOf(await cli(['migrate', '--json'], { env: own }))).toEqual({ applied: [] });
  } finally {
    await drop();
  }
});

it('simulator prints its address and tokens as one JSON line, and stops on SIGTERM', async () => {
  const simulator = await spawnNode(CLI, ['simulator', '--port', '0', '--seed', '5']);
  const ready = JSON.parse(await simulator.waitFor(/^\{/)) as Record<string, string>;
  expect(Object.keys(ready)).toEqual(
    expect.arrayContaining([
      'url',
      'accessToken',
      'refreshToken',
      'scimToken',
      'clientId',
      'clientSecret',
      'orgId',
      'teamId',
    ]),
  );
  expect((await fetch(`${ready['url']}/_sim/state`)).status).toBe(200);
  expect(await simulator.kill()).toEqual({ code: 0, signal: null });
});
