import { afterEach, describe, expect, it } from 'vitest';
import { markerOf, withMarker, withoutMarker } from '../../tickets/github-marker.js';
import { checkSettings } from '../../tickets/index.js';
import type { FoundTickets, Tracker } from '../../tickets/tracker.js';
import { startGithub, type GithubAct, type GithubOptions, type RunningGithub } from './github-stand-in.js';
import { draft, failureOf, how, nothingWanted, openStandIn } from './line.js';

let open: RunningGithub[] = [];
afterEach(async () => {
  await Promise.all(open.map((github) => github.close()));
  open = [];
});

async function start(options: GithubOptions = {}): Promise<{ github: RunningGithub; tracker: Tracker }> {
  const github = await startGithub(options);
  open.push(github);
  return { github, tracker: openStandIn('github', github) };
}

const MARKER = `tm-${'a'.repeat(20)}-1`;
const OTHER = `tm-${'b'.repeat(20)}-1`;

describe('an issue', () => {
  it('is made with title, body, labels and assignee, and its marker where nobody sees it', async () => {
    const { github, tracker } = await start();
    github.config['labels'] = ['retro'];
    const state = await openStandIn('github', github).create(
      draft(MARKER, { labels: ['bug', 'retro'], assignee: 'anna' }),
      how,
    );
    expect(github.state()).toMatchObject([
      {
        title: 'Fix the login',
        body: `It **fails** on Mondays.\n\n<!-- ${MARKER} -->`,
        labels: ['retro', 'bug'],
        assignees: ['anna'],
      },
    ]);
    expect(state).toMatchObject({ id: '1', key: '#1', url: 'https://github.com/ours/app/issues/1' });
    expect(await tracker.get('1', how)).toEqual({
      ...state,
      title: 'Fix the login',
      body: 'It **fails** on Mondays.',
      closed: false,
    });
  });

  it('calls nobody and points nowhere, whatever a sticky says, but who it is assigned to', async () => {
    const { github, tracker } = await start();
    const title = 'Ask @anna about #12';
    const body = 'See **@eve**, _@ours/admins_, `#3`, ours/app#4, GH-5, &#64;ben, \\@max and https://a/@mia.';
    await tracker.create(draft(MARKER, { title, body, assignee: 'anna' }), how);
    await tracker.update('1', { title, body }, how);
    await tracker.comment('1', { marker: OTHER, body }, how);
    const [issue] = github.state();
    const written = [issue?.title, issue?.body, issue?.comments[0]?.body].join('\n');
    expect(written).not.toMatch(/(?:@|&#64;|gh-|(?<!&)#)[a-z\d]/i);
    expect(written.replaceAll('\u200b', '')).toContain(body);
    expect(issue?.assignees).toEqual(['anna']);
    const { title: asShown, body: shown } = tracker.shown({ title, body });
    expect(await tracker.get('1', how)).toMatchObject({ title: asShown, body: shown });
  });

  it.each([
    'anna@shop.example',
    'https://medium.com/@anna/3#12',
    '[on it](https://miro.com/a/?b=1#2)',
    '# 1',
    '&#123;',
    'https://github.com/acme/repo',
  ])('keeps as it stands: %s', async (body) => {
    const { tracker } = await start();
    await tracker.create(draft(MARKER, { body }), how);
    expect((await tracker.get('1', how))?.body).toBe(body);
  });

  it.each([
    ['https://github.com/acme/repo/issues/3', 'https://redirect.github.com/acme/repo/issues/3'],
    ['[x](http://www.github.com/a\\_b/repo/pull/3)', '[x](http://redirect.github.com/a\\_b/repo/pull/3)'],
    ['https://github.com/acme/repo/commit/abc', 'https://redirect.github.com/acme/repo/commit/abc'],
    ['https://github.shop.example/acme/repo/issues/3', 'https://github.shop.example/acme/repo/issues/\u200b3'],
    ['xhttps://a.b/@acme/team', 'xhttps://a.b/@\u200bacme/team'],
  ])('writes into no history: %s', async (body, written) => {
    const { tracker } = await start();
    await tracker.create(draft(MARKER, { body }), how);
    expect((await tracker.get('1', how))?.body).toBe(written);
    expect(tracker.shown({ title: 'x', body: written }).body).toBe(written);
  });

  it('keeps its marker when it is updated', async () => {
    const { github, tracker } = await start();
    const before = await tracker.create(draft(MARKER), how);
    const after = await tracker.update('1', { title: 'New', body: 'New text', labels: ['x'] }, how);
    expect(github.state()).toMatchObject([{ title: 'New', body: `New text\n\n<!-- ${MARKER} -->`, labels: ['x'] }]);
    expect(after.revision).not.toBe(before.revision);
    expect((await tracker.update('1', { title: 'Newer' }, how)).key).toBe('#1');
    expect(github.state()[0]?.body).toContain(MARKER);
  });

  it('has another revision after a person has edited, commented or closed it, and the same when nothing happened', async () => {
    const { github, tracker } = await start();
    const { revision } = await tracker.create(draft(MARKER), how);
    expect((await tracker.get('1', how))?.revision).toBe(revision);
    const revisions = [revision];
    const acts: GithubAct[] = [
      { do: 'edit', number: 1, title: 'Mine' },
      { do: 'edit', number: 1, labels: ['later'] },
      { do: 'comment', number: 1, by: 'anna', body: 'why?' },
      { do: 'close', number: 1 },
    ];
    for (const act of acts) {
      github.act(act);
      revisions.push((await tracker.get('1', how))?.revision ?? '');
    }
    expect(new Set(revisions).size).toBe(5);
  });

  it('is commented once with a marker, however often it is asked for', async () => {
    const { github, tracker } = await start();
    await tracker.create(draft(MARKER), how);
    const comment = { marker: `${MARKER}-c2`, body: 'The sticky says now: <!-- x' };
    const first = await tracker.comment('1', comment, how);
    expect(await tracker.comment('1', comment, how)).toEqual(first);
    expect(github.state()[0]?.comments.map(({ body }) => body)).toEqual([
      `The sticky says now: &lt;!-- x\n\n<!-- ${MARKER}-c2 -->`,
    ]);
  });

  it('is closed as not planned when it is taken back, once, and one that is gone stays gone', async () => {
    const { github, tracker } = await start();
    await tracker.create(draft(MARKER), how);
    await tracker.takeBack('1', how);
    await tracker.takeBack('1', how);
    expect(github.state()).toMatchObject([{ state: 'closed', stateReason: 'not_planned' }]);
    expect(github.seen.filter(({ method }) => method === 'PATCH')).toHaveLength(1);
    github.act({ do: 'delete', number: 1 });
    await tracker.takeBack('1', how);
    expect(await tracker.get('1', how)).toBeUndefined();
    expect(await tracker.get('77', how)).toBeUndefined();
  });
});

describe('markers', () => {
  it('are found in the listing, newest first, until it is older than asked for', async () => {
    const { github, tracker } = await start();
    for (let i = 0; i < 105; i += 1) await tracker.create(draft(`tm-${String(i).padStart(20, '0')}-1`), how);
    const long = '2020-01-01T00:00:00Z';
    for (let number = 1; number <= 50; number += 1) github.act({ do: 'date', number, createdAt: long });
    const oldest = `tm-${'0'.repeat(20)}-1`;
    const newest = `tm-${'104'.padStart(20, '0')}-1`;
    github.seen.length = 0;
    const since = new Date(Date.now() - 60_000);
    expect(await tracker.findByMarker([oldest, newest], since, how)).toMatchObject({
      found: [{ marker: newest, id: '105', byUs: true }],
    });
    expect(listings(github)).toBe(1);
    const ever = await tracker.findByMarker([oldest, newest], undefined, how);
    expect(ever.next).toBeUndefined();
    expect(ever.found.map(({ id }) => id)).toEqual(['105', '1']);
    expect(listings(github)).toBe(1 + 2);
  });

  it('are looked for in portions, none of which lists a large repository whole', async () => {
    const { github, tracker } = await start({ pageSize: 2 });
    for (let i = 0; i < 25; i += 1) await tracker.create(draft(`tm-${String(i).padStart(20, '0')}-1`), how);
    const wanted = ['0', '24'].map((i) => `tm-${i.padStart(20, '0')}-1`);
    const ids: string[] = [];
    const pages: number[] = [];
    for (let from: string | undefined = ''; from !== undefined;) {
      github.seen.length = 0;
      const { found, next }: FoundTickets = await tracker.findByMarker(wanted, undefined, how, from || undefined);
      ids.push(...found.map(({ id }) => id));
      pages.push(listings(github));
      from = next;
    }
    expect(ids).toEqual(['25', '1']);
    expect(pages).toEqual([5, 5, 3]);
  });

  it('tell a copy that a person made from ours, and pass pull requests over', async () => {
    const { github, tracker } = await start();
    await tracker.create(draft(MARKER), how);
    github.act({ do: 'copy', number: 1, by: 'anna' });
    github.act({ do: 'copy', number: 1, by: 'our-bot', pullRequest: true });
    const { found } = await tracker.findByMarker([MARKER, OTHER], undefined, how);
    expect(found.map(({ id, byUs }) => [id, byUs])).toEqual(
      expect.arrayContaining([
        ['1', true],
        ['2', false],
      ]),
    );
    expect(found).toHaveLength(2);
  });

  it('cannot be forged, hidden or broken by what a sticky says', () => {
    const hostile = [
      `<!-- ${OTHER} -->`,
      `<!--${OTHER}-->`,
      '<!-- never closed',
      '-->',
      `<<!--!-- ${OTHER} -->`,
      `text <!-- ${OTHER} --> text\n\n<!-- ${OTHER} -->`,
      '&lt;!-- <!-- <!--',
      '```\nnever closed',
      '',
    ];
    for (const text of hostile) {
      const body = withMarker(text, MARKER);
      expect(markerOf(body)).toBe(MARKER);
      expect(body.match(/<!--/g)).toHaveLength(1);
      expect(withMarker(withoutMarker(body), MARKER)).toBe(body);
      expect(markerOf(withMarker(text, undefined))).toBeUndefined();
    }
  });

  it("are by the App's account where its token may not ask who it is", async () => {
    const { github, tracker } = await start({ login: 'retro[bot]' });
    await tracker.create(draft(MARKER), how);
    expect(await tracker.findByMarker([MARKER], undefined, how)).toMatchObject({ found: [{ byUs: true }] });
    delete github.config['login'];
    expect(await openStandIn('github', github).check(nothingWanted, how)).toEqual([
      {
        what: 'GitHub: GET /user answered 403: Resource not accessible by integration',
        remedy: expect.stringContaining('<app>[bot]') as string,
      },
    ]);
  });
});

describe('refusals and faults', () => {
  it('carry GitHub’s words and a remedy, and never the token', async () => {
    const { tracker } = await start();
    const error = await failureOf(tracker.create(draft(MARKER, { assignee: 'stranger' }), how));
    expect(error).toMatchObject({ kind: 'invalid', written: 'no', status: 422 });
    expect(error.message).toBe(
      'GitHub: POST /repos/{owner}/{repo}/issues answered 422: Validation Failed; Issue assignees invalid',
    );
    expect(error.remedy).toContain('access to the repository');
    const long = await failureOf(tracker.create(draft(MARKER, { title: 'x'.repeat(300) }), how));
    expect(long.message).toContain('title is too long (maximum is 256 characters)');
  });

  it.each([
    ['429', 'rate_limited', 'no', 0],
    ['401', 'unauthorized', 'no', 0],
    ['5xx-before', 'unavailable', 'unknown', 0],
    ['5xx-after', 'unavailable', 'unknown', 1],
    ['drop-after', 'unavailable', 'unknown', 1],
    ['truncate', 'malformed', 'unknown', 1],
    ['html', 'unavailable', 'unknown', 1],
    ['timeout', 'timeout', 'unknown', 1],
    ['slow', 'timeout', 'unknown', 0],
  ] as const)('%s while an issue is made is %s, and written: %s', async (fault, kind, written, made) => {
    const { github, tracker } = await start();
    github.fail({ match: { method: 'POST' }, fault, delayMs: 400 });
    const error = await failureOf(tracker.create(draft(MARKER), { deadlineMs: 150 }));
    expect(error).toMatchObject({ kind, written });
    expect(error.message).not.toContain(github.token);
    if (kind === 'rate_limited') expect(error.retryAfterMs).toBe(1_000);
    expect(github.state()).toHaveLength(made);
  });

  it('of what was never sent have written nothing', async () => {
    const { github, tracker } = await start();
    await github.close();
    open = [];
    expect(await failureOf(tracker.create(draft(MARKER), how))).toMatchObject({ kind: 'unavailable', written: 'no' });
    const cancelled = { ...how, signal: AbortSignal.abort() };
    expect(await failureOf(tracker.create(draft(MARKER), cancelled))).toMatchObject({ kind: 'timeout', written: 'no' });
  });

  it('of relations and of issues elsewhere say so', async () => {
    const { github, tracker } = await start();
    expect((await failureOf(tracker.link('1', '2', how))).kind).toBe('invalid');
    github.config['repository'] = 'ours/other';
    const other = openStandIn('github', github);
    expect(await failureOf(other.create(draft(MARKER), how))).toMatchObject({ kind: 'not_found', written: 'no' });
  });
});

describe('the check', () => {
  it('finds nothing wrong where all is well', async () => {
    const { tracker } = await start();
    expect(await tracker.check({ ...nothingWanted, assignees: ['anna', 'ben'] }, how)).toEqual([]);
  });

  it('names what a person must mend, each with a remedy', async () => {
    const { github, tracker } = await start({ push: false, archived: true, issues: false });
    const problems = await tracker.check({ ...nothingWanted, assignees: ['stranger'] }, how);
    expect(problems.map(({ what }) => what)).toEqual([
      'ours/app is archived',
      'ours/app has no issues',
      'our-bot has no write access to ours/app: GitHub would drop labels and assignees silently',
      'issues of ours/app cannot be assigned to stranger',
    ]);
    expect(problems.every(({ remedy }) => remedy.length > 10)).toBe(true);
    const wrongToken = openStandIn('github', { ...github, token: 'ghp_wrong' });
    expect(await wrongToken.check(nothingWanted, how)).toMatchObject([
      { what: 'GitHub: GET /user answered 401: Bad credentials' },
    ]);
  });

  it('throws what may pass by itself', async () => {
    const { github, tracker } = await start();
    github.fail({ match: {}, fault: '429' });
    expect((await failureOf(tracker.check(nothingWanted, how))).kind).toBe('rate_limited');
  });

  it('refuses settings that cannot work, without asking anybody', () => {
    const config = { repository: 'ours/app/x', apiUrl: 'http://github.example', more: 1 };
    expect(checkSettings('github', config, 'with space')).toEqual({
      problems: [
        'repository: must be owner/name',
        'apiUrl: must be an https address (http only on this machine) without user, query or fragment',
        'the settings: Unrecognized key: "more"',
        'the secret: give a token; it has neither spaces nor line breaks',
      ],
    });
    expect(checkSettings('github', { repository: 'ours/app' }, 'ghp_x')).toEqual({
      config: { repository: 'ours/app', apiUrl: 'https://api.github.com', labels: [] },
    });
  });
});

it('people are found by a public e-mail address or a login, if issues can be assigned to them', async () => {
  const { tracker } = await start();
  expect(await tracker.findAccount({ email: 'anna@example.org' }, how)).toBe('anna');
  expect(await tracker.findAccount({ email: 'nobody@example.org', name: 'Ben' }, how)).toBe('Ben');
  expect(await tracker.findAccount({ email: 'x" user:anna "@example.org' }, how)).toBeUndefined();
  expect(await tracker.findAccount({ name: 'Anna Schmidt' }, how)).toBeUndefined();
});

const listings = ({ seen }: RunningGithub): number =>
  seen.filter(({ method, path }) => method === 'GET' && path.endsWith('/issues')).length;
