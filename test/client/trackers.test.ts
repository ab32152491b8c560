/** `trackers` and `tickets` on a real PostgreSQL, with a receiver of tickets on this machine. */
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { wantedOf } from '../../client/commands/tracker-check.js';
import { ensureTenant } from '../../store/tenants.js';
import { builtinTable } from '../../store/tickets.js';
import { openTrackerSettings } from '../../store/trackers.js';
import { openVault, newVaultKeys } from '../../store/vault.js';
import { createTestStore, openNewJob, type TestStore } from '../store/database.js';
import { draft } from '../store/draft.js';
import { documentOf, type CliResult } from './cli.js';
import { runInProcess } from './in-process.js';

const SECRET = `whsec_${randomBytes(32).toString('base64')}`;

let store: TestStore;
let folder: string;
let env: Record<string, string>;
/** What the receiver answers next. */
let answer: { status: number; body: object };
let url: string;

const receiver = createServer((request, response) => {
  request.resume().on('end', () => {
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(JSON.stringify(answer.body));
  });
});

beforeAll(async () => {
  store = await createTestStore();
  folder = await mkdtemp(join(tmpdir(), 'temporal-miro-trackers-'));
  await once(receiver.listen(0, '127.0.0.1'), 'listening');
  url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`;
  env = {
    DATABASE_URL: store.url,
    TEMPORAL_MIRO_ID_KEY: randomBytes(32).toString('base64'),
    TEMPORAL_MIRO_VAULT_KEYS: newVaultKeys(),
    TEMPORAL_MIRO_WEBHOOK_PRIVATE: 'true',
  };
  await writeFile(join(folder, 'secret.txt'), `${SECRET}\n`);
  await writeFile(join(folder, 'mapping.yaml'), 'version: 1\ncolumns: { Urgent: { priority: High } }\n');
});
afterAll(async () => {
  receiver.close();
  receiver.closeAllConnections();
  await rm(folder, { recursive: true });
  await store.close();
});

const run = (...args: string[]): Promise<CliResult> =>
  runInProcess([...args, '--dir', folder, '--tenant', 'acme'], env);
const json = async (...args: string[]) => {
  const result = await run(...args, '--json');
  return { code: result.code, ...documentOf(result) };
};
const add = (name: string, ...more: string[]) => {
  const given = ['--kind', 'webhook', '--url', url, '--secret-file', join(folder, 'secret.txt')];
  return json('trackers', 'add', name, ...given, ...more);
};
const stored = (name: string) =>
  openTrackerSettings(store.db, openVault(env['TEMPORAL_MIRO_VAULT_KEYS'] ?? ''), { tenantId: store.tenantId, name });
const namesListed = async () =>
  ((await json('trackers', 'list')) as unknown as { trackers: { name: string }[] }).trackers.map(({ name }) => name);

const well = { status: 200, body: {} };
const unwell = {
  status: 200,
  body: { problems: [{ what: 'the space is closed', remedy: 'Open it.' }] },
};

describe('trackers add', () => {
  it('tries the tracker, stores it, and shows its secret nowhere', async () => {
    answer = well;
    const added = await add('crm', '--mapping', join(folder, 'mapping.yaml'), '--no-check');
    expect(added).toMatchObject({ code: 0, added: true, name: 'crm', kind: 'webhook', hasSecret: true });
    expect(await stored('crm')).toMatchObject({
      secret: SECRET,
      mapping: { columns: { Urgent: { priority: 'High' } } },
    });
    const shown = [
      added,
      await run('trackers', 'list'),
      await json('trackers', 'list'),
      await json('trackers', 'check', 'crm'),
    ];
    expect(JSON.stringify(shown)).not.toContain(SECRET.slice(6, 20));
    expect(await namesListed()).toEqual(['builtin', 'crm']);
  });

  it('stores nothing when something is wrong, and says what to do', async () => {
    answer = unwell;
    expect(await add('closed')).toMatchObject({
      code: 1,
      added: false,
      problems: [{ what: expect.stringContaining('the space is closed') as string }],
    });
    expect(await namesListed()).not.toContain('closed');
    expect(
      (
        await run(
          'trackers',
          'add',
          'closed',
          '--kind',
          'webhook',
          '--url',
          url,
          '--secret-file',
          join(folder, 'secret.txt'),
        )
      ).stdout,
    ).toMatch(/Open it\.\nNothing was stored/);
  });

  it('takes the place of another only with --replace', async () => {
    answer = well;
    expect((await add('again')).code).toBe(0);
    const args = ['--kind', 'webhook', '--url', url, '--secret-file', join(folder, 'secret.txt')];
    expect(await run('trackers', 'add', 'again', ...args)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('there is a tracker "again" already') as string,
    });
    expect((await add('again', '--replace')).code).toBe(0);
  });

  it('takes the secret from the environment too', async () => {
    env['TEMPORAL_MIRO_TRACKER_SECRET'] = SECRET;
    const { code } = await run('trackers', 'add', 'from-env', '--kind', 'webhook', '--url', url, '--no-check');
    delete env['TEMPORAL_MIRO_TRACKER_SECRET'];
    expect(code).toBe(0);
    expect((await stored('from-env'))?.secret).toBe(SECRET);
  });

  it('adds further built-in trackers by name', async () => {
    expect(await json('trackers', 'add', 'ideas', '--kind', 'builtin')).toMatchObject({ code: 0, hasSecret: false });
  });

  it.each<[string, string[], RegExp]>([
    [
      'another kind’s settings',
      ['x', '--kind', 'builtin', '--url', 'https://a.example'],
      /settings of a builtin tracker are not right:\n- .*url/,
    ],
    ['an unknown kind', ['x', '--kind', 'trello'], /builtin, jira, github, webhook/],
    ['a bad name', ['My Jira', '--kind', 'builtin'], /"My Jira" is no name of a tracker/],
    ['a mapping that is none', ['x', '--kind', 'builtin', '--mapping', 'FOLDER/secret.txt'], /./],
    [
      'a secret’s file that is not there',
      ['x', '--kind', 'jira', '--secret-file', 'FOLDER/none'],
      /--secret-file can't be read/,
    ],
  ])('refuses %s', async (_what, args, message) => {
    const { code, stderr } = await run('trackers', 'add', ...args.map((each) => each.replace('FOLDER', folder)));
    expect([code, stderr]).toEqual([2, expect.stringMatching(message)]);
  });
});

describe('trackers check', () => {
  it('ends with 0 when all is well, with 1 and each remedy when not', async () => {
    answer = well;
    await add('checked');
    expect(await json('trackers', 'check', 'checked')).toMatchObject({ code: 0, ok: true, problems: [] });
    answer = unwell;
    expect(await json('trackers', 'check', 'checked')).toMatchObject({
      code: 1,
      ok: false,
      problems: [{ remedy: 'Open it.' }],
    });
  });

  it('of the built-in one is always well', async () => {
    expect(await json('trackers', 'check', 'builtin')).toMatchObject({ code: 0, ok: true });
  });

  it('ends with 5 when nobody answers, and with 4 for a name that nobody has', async () => {
    await add('dead', '--no-check');
    answer = { status: 503, body: {} };
    expect((await run('trackers', 'check', 'dead')).code).toBe(5);
    expect((await run('trackers', 'check', 'nosuch')).code).toBe(4);
  });

  it('says where nothing may be sent', async () => {
    await add('inside', '--no-check');
    env['TEMPORAL_MIRO_WEBHOOK_PRIVATE'] = 'false';
    const checked = await run('trackers', 'check', 'inside');
    env['TEMPORAL_MIRO_WEBHOOK_PRIVATE'] = 'true';
    expect(checked).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('TEMPORAL_MIRO_WEBHOOK_PRIVATE') as string,
    });
  });

  it('tells of GitHub Apps only where GitHub does not say whose token it is', async () => {
    const github = ['--kind', 'github', '--url', url, '--repository', 'acme/retro', '--no-check'];
    await json('trackers', 'add', 'gh', ...github, '--secret-file', join(folder, 'secret.txt'));
    answer = { status: 401, body: { message: 'Bad credentials' } };
    expect((await run('trackers', 'check', 'gh')).stdout).toContain('GitHub App');
    env['TEMPORAL_MIRO_WEBHOOK_PRIVATE'] = 'false';
    const checked = await run('trackers', 'check', 'gh');
    env['TEMPORAL_MIRO_WEBHOOK_PRIVATE'] = 'true';
    expect(checked.stdout).toContain('private or reserved network');
    expect(checked.stdout).not.toContain('GitHub App');
  });

  it('asks for all that the mapping names, and says what the tracker does not have', () => {
    const mapping = {
      version: 1 as const,
      ...{ type: 'Task', labels: ['retro'], people: { 'anna@example.com': 'anna' } },
      kinds: { insight: { type: 'Story', fields: { customfield_1: 1 } } },
      columns: { Now: { priority: 'High', status: 'Doing' } },
      colors: { red: { parent: 'OPS-1', type: 'Task' } },
    };
    const { wanted, problems } = wantedOf(mapping, {
      fields: ['labels', 'type', 'parent', 'assignee'],
      ownFields: false,
    });
    expect(wanted).toEqual({
      ...{ types: ['Task', 'Story'], statuses: ['Doing'], priorities: ['High'], parents: ['OPS-1'] },
      ...{ assignees: ['anna'], fields: ['customfield_1'] },
    });
    expect(problems.map(({ remedy }) => remedy)).toEqual(
      ['status', 'priority', 'customfield_1'].map((field) => `take ${field} out of the mapping`),
    );
  });
});

describe('trackers secret', () => {
  it('replaces the secret and nothing else', async () => {
    answer = well;
    await add('rotated', '--supports', 'get');
    const fresh = `whsec_${randomBytes(32).toString('base64')}`;
    await writeFile(join(folder, 'fresh.txt'), fresh);
    expect((await run('trackers', 'secret', 'rotated', '--secret-file', join(folder, 'fresh.txt'))).code).toBe(0);
    expect(await stored('rotated')).toMatchObject({ secret: fresh, config: { supports: ['get'] } });
  });

  it('is none of the built-in tracker’s', async () => {
    expect((await run('trackers', 'secret', 'builtin')).code).toBe(2);
    expect((await run('trackers', 'secret', 'nosuch')).code).toBe(4);
  });
});

describe('trackers remove', () => {
  it('forgets it, and knows those no more that are gone', async () => {
    await add('passing', '--no-check');
    expect(await json('trackers', 'remove', 'passing')).toMatchObject({ code: 0, removed: true });
    expect((await run('trackers', 'remove', 'passing')).code).toBe(4);
    expect((await run('trackers', 'remove', 'builtin')).code).toBe(2);
  });

  it('waits for a yes while runs use it', async () => {
    await add('busy', '--no-check');
    const { runId } = await openNewJob(store, { kind: 'retroToTickets', options: { tracker: 'busy' } });
    expect(await json('trackers', 'remove', 'busy')).toMatchObject({ code: 3, removed: false, stops: [{ runId }] });
    expect(await namesListed()).toContain('busy');
    expect(await json('trackers', 'remove', 'busy', '--yes')).toMatchObject({ code: 0, removed: true });
  });
});

describe('tickets', () => {
  beforeAll(async () => {
    const table = builtinTable(store.db, { tenantId: store.tenantId, tracker: 'builtin' });
    const { id } = await table.create(draft('tm-1', { assignee: 'anna', fields: { size: 3 } }));
    await table.comment(id, { marker: 'tm-2', body: 'It moved.' });
    await table.create(draft('tm-3', { title: 'Ask Bo' }));
    await builtinTable(store.db, { ...(await ensureTenant(store.db, 'rival')), tracker: 'builtin' }).create(
      draft('tm-4'),
    );
  });

  it('are listed page by page', async () => {
    expect((await run('tickets', 'list')).stdout).toMatch(/^key .*\nT-1 +open .*Fix the build\nT-2 .*Ask Bo\n$/);
    const page = await json('tickets', 'list', '--limit', '1');
    expect(page).toMatchObject({ tickets: [{ key: 'T-1' }], cursor: 'T-1' });
    expect(await json('tickets', 'list', '--after', 'T-1')).toMatchObject({ tickets: [{ key: 'T-2' }] });
  });

  it('show their comments', async () => {
    const { stdout } = await run('tickets', 'show', 't-1');
    for (const part of [/^T-1 {2}Fix the build\n/, /Assignee +anna/, /size +3/, /It is \*\*red\*\*\./, /It moved\./])
      expect(stdout).toMatch(part);
    expect((await run('tickets', 'show', 'T-77')).code).toBe(4);
    expect((await run('tickets', 'show', 'nonsense')).code).toBe(2);
  });

  it('are changed by people', async () => {
    expect(await json('tickets', 'set', 'T-1', '--status', 'done', '--no-assignee')).toMatchObject({
      status: 'done',
      version: 3,
    });
    expect(await json('tickets', 'show', 'T-1')).not.toHaveProperty('assignee');
    expect(await json('tickets', 'list', '--status', 'open')).toMatchObject({ tickets: [{ key: 'T-2' }] });
    expect((await run('tickets', 'set', 'T-1')).code).toBe(2);
    expect((await run('tickets', 'set', 'T-1', '--title', ' ')).code).toBe(2);
    expect((await run('tickets', 'set', 'T-77', '--status', 'done')).code).toBe(4);
  });

  it('are exported to a file or to stdout', async () => {
    const out = join(folder, 'tickets.csv');
    expect(await json('tickets', 'export', '--format', 'csv', '--out', out)).toMatchObject({
      written: out,
      tickets: 2,
    });
    expect(await readFile(out, 'utf8')).toMatch(/^"key","tracker","title",.*\r\n"T-1","builtin","Fix the build"/);
    expect((await run('tickets', 'export', '--format', 'md')).stdout).toMatch(/^# Tickets\n\n## T-1 Fix the build\n/);
    expect(await json('tickets', 'export')).toMatchObject({ tickets: [{ key: 'T-1' }, { key: 'T-2' }] });
    expect((await run('tickets', 'export', '--format', 'md', '--json')).code).toBe(2);
  });
});
