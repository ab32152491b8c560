import { afterEach, describe, expect, it } from 'vitest';
import { createJira } from '../../tickets/jira.js';
import { jiraConfigSchema } from '../../tickets/jira-config.js';
import type { TicketDraft, Tracker } from '../../tickets/tracker.js';
import { startJira, type JiraOptions, type RunningJira } from './jira-stand-in.js';
import { draft as draftOf, failureOf, how, line, nothingWanted, openStandIn } from './line.js';

const DEPLOYMENTS = ['cloud', 'datacenter'] as const;

const running: RunningJira[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((jira) => jira.close()));
});

async function setUp(
  options: JiraOptions = {},
  config: Record<string, unknown> = {},
): Promise<{ jira: RunningJira; tracker: Tracker }> {
  const jira = await startJira(options);
  running.push(jira);
  return { jira, tracker: openStandIn('jira', { token: jira.token, config: { ...jira.config, ...config } }) };
}

const draft = (more: Partial<TicketDraft> = {}): TicketDraft =>
  draftOf('tm-00112233445566778899-1', { title: 'Fix the build', labels: ['retro'], ...more });

describe.each(DEPLOYMENTS)('a ticket in Jira (%s)', (deployment) => {
  it('is made by one request that holds all its fields and the marker', async () => {
    const { jira, tracker } = await setUp({ deployment });
    const parent = await tracker.create(draft({ type: 'Epic' }), how);
    jira.seen.splice(0);
    const assignee = deployment === 'cloud' ? 'account-anna' : 'anna';
    const made = await tracker.create(
      draft({
        ...{
          marker: 'tm-b-1',
          type: 'Story',
          labels: ['team one', 'retro'],
          priority: 'High',
          assignee,
          parent: parent.key,
        },
        ...{ title: `two\nlines ${'x'.repeat(300)}`, fields: { customfield_10010: 'Blue', summary: 'not mine' } },
      }),
      how,
    );
    expect(made).toMatchObject({ key: 'RETRO-2', url: `${jira.url}/browse/RETRO-2` });
    expect(jira.seen).toHaveLength(1);
    const { fields } = jira.state()[1] ?? {};
    expect(fields).toMatchObject({
      labels: ['team-one', 'retro', 'tm-b-1'],
      issuetype: { name: 'Story' },
      priority: { name: 'High' },
      parent: { key: 'RETRO-1' },
      assignee: deployment === 'cloud' ? { accountId: 'account-anna' } : { name: 'anna' },
      customfield_10010: 'Blue',
    });
    expect(fields?.['summary']).toBe(`two lines ${'x'.repeat(245)}`);
  });

  it("is found by its marker, and so is a person's copy, told apart by who made it", async () => {
    const { jira, tracker } = await setUp({ deployment });
    const { id } = await tracker.create(draft(), how);
    await tracker.create(draft({ marker: 'tm-other-1' }), how);
    jira.act({ do: 'clone', id });
    const { found } = await tracker.findByMarker(['tm-00112233445566778899-1', 'tm-none-1'], undefined, how);
    expect(found.map((ticket) => [ticket.marker, ticket.byUs, ticket.id === id])).toEqual([
      ['tm-00112233445566778899-1', true, true],
      ['tm-00112233445566778899-1', false, false],
    ]);
    expect(Date.now() - (found[0]?.createdAt.getTime() ?? 0)).toBeLessThan(60_000);
  });

  it('is found among more markers than one query holds and more issues than one page has', async () => {
    const { jira, tracker } = await setUp({ deployment, pageSize: 20 });
    const markers = Array.from({ length: 60 }, (_, i) => `tm-${i}-1`);
    for (const marker of markers) await tracker.create(draft({ marker }), how);
    jira.seen.splice(0);
    const { found, next } = await tracker.findByMarker(markers, undefined, how);
    expect(next).toBeUndefined();
    expect(found.map(({ marker }) => marker)).toEqual(markers);
    expect(jira.seen.filter(({ path }) => path.includes('/search'))).toHaveLength(4);
  });

  it('is looked for in portions, few queries at a time', async () => {
    const { jira, tracker } = await setUp({ deployment });
    const markers = Array.from({ length: 150 }, (_, i) => `tm-${i}-1`);
    await tracker.create(draft({ marker: 'tm-149-1' }), how);
    jira.seen.splice(0);
    const first = await tracker.findByMarker(markers, undefined, how);
    expect(first.found).toEqual([]);
    expect(jira.seen.filter(({ path }) => path.includes('/search'))).toHaveLength(2);
    const last = await tracker.findByMarker(markers, undefined, how, first.next);
    expect(last).toMatchObject({ found: [{ marker: 'tm-149-1' }] });
    expect(last.next).toBeUndefined();
  });

  it('is not found before the index has followed', async () => {
    const { tracker } = await setUp({ deployment, searchLagMs: 60_000 });
    await tracker.create(draft(), how);
    expect(await tracker.findByMarker([draft().marker], undefined, how)).toEqual({ found: [] });
  });

  it('keeps its revision when we link it, and changes it when anybody edits or comments it', async () => {
    const { jira, tracker } = await setUp({ deployment });
    const made = await tracker.create(draft(), how);
    const other = await tracker.create(draft({ marker: 'tm-other-1' }), how);
    await tracker.link(made.id, other.id, how);
    await tracker.link(made.id, other.id, how);
    await tracker.link(other.id, made.id, how);
    expect(jira.state()[0]?.links).toEqual([{ direction: 'outward', otherId: other.id }]);
    expect(await tracker.get(made.id, how)).toMatchObject({ ...made, title: 'Fix the build', closed: false });
    const revisions = [made.revision];
    jira.act({ do: 'edit', id: made.id, fields: { summary: 'Mend the build' } });
    revisions.push((await tracker.get(made.id, how))?.revision ?? '');
    jira.act({ do: 'comment', id: made.id, text: 'Why?' });
    revisions.push((await tracker.get(made.id, how))?.revision ?? '');
    expect(new Set(revisions).size).toBe(3);
  });

  it('is changed twice like once, and keeps the labels of people and its marker', async () => {
    const { jira, tracker } = await setUp({ deployment });
    const { id, revision } = await tracker.create(draft(), how);
    const change = { title: 'New title', body: 'New body', labels: ['a b'], priority: 'Low' };
    const changed = await tracker.update(id, change, how);
    expect(changed.revision).not.toBe(revision);
    expect(await tracker.update(id, change, how)).toEqual(changed);
    expect(jira.state()[0]?.fields.labels).toEqual(['retro', draft().marker, 'a-b']);
    expect(await tracker.get(id, how)).toMatchObject({ title: 'New title', body: 'New body' });
  });

  it('gets a comment of one marker once, also where many were made before', async () => {
    const { jira, tracker } = await setUp({ deployment, pageSize: 2 });
    const { id } = await tracker.create(draft(), how);
    for (const text of ['one', 'two', 'three']) jira.act({ do: 'comment', id, text });
    const comment = { marker: 'tm-c-1', body: 'The sticky has *changed*' };
    const commented = await tracker.comment(id, comment, how);
    jira.act({ do: 'comment', id, text: 'four' });
    await tracker.comment(id, comment, how);
    expect(jira.state()[0]?.comments).toHaveLength(5);
    expect((await tracker.get(id, how))?.revision).not.toBe(commented.revision);
  });

  it('is deleted when it is taken back, and stays gone', async () => {
    const { jira, tracker } = await setUp({ deployment });
    const { id } = await tracker.create(draft(), how);
    await tracker.takeBack(id, how);
    await tracker.takeBack(id, how);
    expect(jira.state()).toEqual([]);
    expect(await tracker.get(id, how)).toBeUndefined();
    expect(await failureOf(tracker.update(id, { title: 'x' }, how))).toMatchObject({
      kind: 'not_found',
      written: 'no',
    });
  });

  it('is closed where the account may not delete it', async () => {
    const { jira, tracker } = await setUp({ deployment, lacks: ['DELETE_ISSUES'] }, { doneTransition: 'Reject' });
    const { id } = await tracker.create(draft(), how);
    await tracker.takeBack(id, how);
    await tracker.takeBack(id, how);
    expect(jira.state()[0]).toMatchObject({
      status: { name: 'Rejected' },
      changes: [{ items: [{ field: 'status' }] }],
    });
    expect(await tracker.get(id, how)).toMatchObject({ closed: true });
  });

  it.each(['5xx-after', 'drop-after', 'truncate', 'html'] as const)(
    'of which the answer is lost (%s) was perhaps made',
    async (fault) => {
      const { jira, tracker } = await setUp({ deployment });
      jira.fail({ match: { method: 'POST' }, fault, times: 1 });
      expect((await failureOf(tracker.create(draft(), how))).written).toBe('unknown');
      expect(jira.seen).toHaveLength(1);
      expect(await tracker.findByMarker([draft().marker], undefined, how)).toMatchObject({ found: [{ byUs: true }] });
    },
  );

  it('waits as long as Jira asks for, and no longer for an answer than the deadline', async () => {
    const { jira, tracker } = await setUp({ deployment });
    jira.fail({ match: {}, fault: '429', times: 1 }, { match: {}, fault: 'timeout' });
    const limited = await failureOf(tracker.create(draft(), how));
    expect(limited).toMatchObject({ kind: 'rate_limited', written: 'no', retryAfterMs: 2_000 });
    const late = await failureOf(tracker.create(draft(), { deadlineMs: 50 }));
    expect(late).toMatchObject({ kind: 'timeout', written: 'unknown' });
    expect(jira.seen).toHaveLength(2);
  });

  it('may have been changed where only its new state could not be read', async () => {
    const { jira, tracker } = await setUp({ deployment });
    const { id } = await tracker.create(draft(), how);
    jira.fail({ match: { method: 'GET' }, fault: '429' });
    const error = await failureOf(tracker.update(id, { title: 'New' }, how));
    expect(error).toMatchObject({ kind: 'rate_limited', written: 'unknown', retryAfterMs: 2_000 });
    expect(jira.state()[0]?.fields).toMatchObject({ summary: 'New' });
  });

  it("is refused in Jira's own words, field by field, with a remedy and without the token", async () => {
    const { jira, tracker } = await setUp({ deployment });
    const error = await failureOf(
      tracker.create(draft({ type: 'Bug', priority: 'Urgent', fields: { customfield_9: 1 } }), how),
    );
    expect(error).toMatchObject({ kind: 'invalid', written: 'no', status: 400 });
    for (const words of [
      'Severity is required.',
      'The priority selected is invalid.',
      "Field 'customfield_9' cannot be set.",
    ])
      expect(error.message).toContain(words);
    expect(error.remedy).toContain('fills customfield_10020, customfield_9, priority');
    const { message } = await failureOf(
      createJira({ kind: 'jira', name: 'x', config: jira.config, secret: 'wrong-token' }, line).create(draft(), how),
    );
    expect(message).toMatch(/answered 401: Client must be authenticated/);
    expect(JSON.stringify([error, message])).not.toMatch(/wrong-token|jira-token/);
  });

  it('goes to the one account that a person has', async () => {
    const { tracker } = await setUp({ deployment });
    const anna = deployment === 'cloud' ? 'account-anna' : 'anna';
    expect(await tracker.findAccount({ email: 'Anna@example.org' }, how)).toBe(anna);
    expect(await tracker.findAccount({ name: 'anna arendt' }, how)).toBe(anna);
    expect(await tracker.findAccount({ email: 'ben@example.org' }, how)).toBe(
      deployment === 'cloud' ? 'account-ben' : 'ben',
    );
    expect(await tracker.findAccount({ name: 'Ben Brandt' }, how)).toBeUndefined();
    expect(await tracker.findAccount({ email: 'cleo@example.org' }, how)).toBeUndefined();
    expect(await tracker.findAccount({}, how)).toBeUndefined();
  });
});

describe.each(DEPLOYMENTS)('the settings of a Jira (%s)', (deployment) => {
  it('are all well, found out without writing', async () => {
    const { jira, tracker } = await setUp({ deployment });
    const { key } = await tracker.create(draft({ type: 'Epic' }), how);
    jira.seen.splice(0);
    const assignee = deployment === 'cloud' ? 'account-anna' : 'anna';
    const wanted = {
      types: ['Task', 'Bug'],
      priorities: ['High'],
      parents: [key],
      assignees: [assignee],
      fields: ['customfield_10020'],
    };
    // A field that only one of two types has is told.
    expect(await tracker.check({ ...nothingWanted, ...wanted }, how)).toMatchObject([
      { what: expect.stringContaining('Task has no field customfield_10020') as string },
    ]);
    expect(await tracker.check({ ...nothingWanted, ...wanted, types: ['Bug'] }, how)).toEqual([]);
    expect(jira.seen.every(({ method }) => method === 'GET')).toBe(true);
  });

  it('are told sentence by sentence where they are wrong', async () => {
    const { tracker } = await setUp({ deployment, lacks: ['CREATE_ISSUES', 'LINK_ISSUES'] }, { linkType: 'Blocks' });
    const types = ['Bug', 'Incident', 'Chore'];
    const wanted = {
      types,
      statuses: [],
      priorities: ['Urgent'],
      parents: ['RETRO-99'],
      assignees: ['nobody'],
      fields: [],
    };
    const problems = (await tracker.check(wanted, how)).map(({ what }) => what);
    expect(problems).toEqual([
      expect.stringContaining('it lacks CREATE_ISSUES, LINK_ISSUES'),
      expect.stringContaining('no type of link named "Blocks"; it has Relates'),
      expect.stringContaining('Bug needs the field "Severity" (customfield_10020)'),
      expect.stringContaining('no priority named "Urgent"'),
      expect.stringContaining('Incident has no field labels'),
      expect.stringContaining('no priority named "Urgent"'),
      expect.stringContaining('no type of issue in RETRO named "Chore"; it has Task, Story, Epic, Bug, Incident'),
      expect.stringContaining('no issue RETRO-99'),
      expect.stringContaining('account nobody'),
    ]);
  });

  it('that lead to no project, or have a bad token, are one problem; no answer is an error', async () => {
    const { jira, tracker } = await setUp({ deployment }, { project: 'NONE' });
    expect(await tracker.check(nothingWanted, how)).toMatchObject([
      { what: expect.stringContaining('no project NONE') as string },
    ]);
    jira.fail({ match: {}, fault: '401' });
    expect(await tracker.check(nothingWanted, how)).toMatchObject([{ what: expect.stringContaining('401') as string }]);
    jira.fail({ match: {}, fault: '5xx-before' });
    expect(await failureOf(tracker.check(nothingWanted, how))).toMatchObject({ kind: 'unavailable' });
  });
});

describe('a connection to Jira', () => {
  const cloud = { deployment: 'cloud', url: 'https://ours.atlassian.net/', email: 'bot@example.org', project: 'RETRO' };

  it('has defaults, and needs an e-mail address with Cloud only', () => {
    expect(jiraConfigSchema.parse(cloud)).toMatchObject({
      url: 'https://ours.atlassian.net',
      type: 'Task',
      linkType: 'Relates',
    });
    expect(jiraConfigSchema.safeParse({ ...cloud, email: undefined }).success).toBe(false);
    expect(
      jiraConfigSchema.safeParse({ deployment: 'datacenter', url: 'https://jira.ours.org/jira', project: 'RETRO' })
        .success,
    ).toBe(true);
  });

  it.each([
    { url: 'http://ours.atlassian.net' },
    { url: 'https://a:b@ours.atlassian.net' },
    { project: 'retro' },
    { token: 'x' },
  ])('is refused with %j', (wrong) => {
    expect(jiraConfigSchema.safeParse({ ...cloud, ...wrong }).success).toBe(false);
  });

  it('sends no id that would lead to another path', async () => {
    const { jira, tracker } = await setUp();
    for (const id of ['..', '1/../../x', '1?x=1', ''])
      expect(await failureOf(tracker.get(id, how))).toMatchObject({ kind: 'invalid', written: 'no' });
    expect(jira.seen).toEqual([]);
  });
});

it('JQL finds no issue property that no app declares', async () => {
  const { jira } = await setUp({ deployment: 'datacenter' });
  const jql = encodeURIComponent('issue.property[marker].value = "tm-1"');
  const response = await fetch(`${jira.url}/rest/api/2/search?jql=${jql}`, {
    headers: { authorization: `Bearer ${jira.token}` },
  });
  expect(response.status).toBe(400);
  expect(await response.text()).toContain('does not exist or you do not have permission to view it');
});
