/** What trackers answer, held within bounds. */
import { MockAgent } from 'undici';
import { describe, expect, it } from 'vitest';
import { retryAfterMs } from '../../tickets/errors.js';
import { openStandIn, draft, failureOf, how, line } from './line.js';

const MARKER = `tm-${'a'.repeat(20)}-1`;
const URL = 'https://tracker.example';

type Answer = { status: number; headers?: Record<string, string>; body?: unknown };

/** A line on which every request, by its number from 0, has that answer. */
function answering(answer: (n: number) => Answer) {
  const agent = new MockAgent();
  agent.disableNetConnect();
  let n = 0;
  for (const method of ['GET', 'POST'])
    agent
      .get(URL)
      .intercept({ path: () => true, method })
      .reply(() => {
        const { status, headers, body } = answer(n++);
        return {
          statusCode: status,
          data: JSON.stringify(body ?? {}),
          responseOptions: { headers: { 'content-type': 'application/json', ...headers } },
        };
      })
      .persist();
  return { dispatcher: { ...line, dispatcher: agent }, asked: () => n };
}

const github = (answer: (n: number) => Answer) => {
  const { dispatcher, asked } = answering(answer);
  const config = { repository: 'ours/app', apiUrl: URL, login: 'our[bot]' };
  return { tracker: openStandIn('github', { config, token: 'ghp_x' }, dispatcher), asked };
};
const comment = { marker: MARKER, body: 'x' };

describe('paging', () => {
  it.each([
    ['a page comes again', (_: number) => 2],
    ['there is always one more', (n: number) => n + 2],
  ])('ends where %s', async (_, pageAfter) => {
    const { tracker, asked } = github((n) => ({
      status: 200,
      headers: { link: `<${URL}/x?page=${pageAfter(n)}>; rel="next"` },
      body: [],
    }));
    expect(await failureOf(tracker.comment('1', comment, how))).toMatchObject({ kind: 'malformed', written: 'no' });
    expect(asked()).toBeLessThanOrEqual(50);
  });

  it('is refused where the next page has no address', async () => {
    const { tracker } = github(() => ({ status: 200, headers: { link: '<next>; rel="next"' }, body: [] }));
    expect(await failureOf(tracker.comment('1', comment, how))).toMatchObject({ kind: 'malformed' });
  });

  it.each([
    ['cloud', (n: number) => ({ issues: [], nextPageToken: n < 2 ? `t${n}` : 't1' })],
    ['cloud', (n: number) => ({ issues: [], nextPageToken: `t${n}` })],
  ])('ends in searches of Jira %s', async (deployment, page) => {
    const { dispatcher, asked } = answering((n) => ({
      status: 200,
      body: n === 0 ? { accountId: 'us' } : page(n),
    }));
    const config = { url: URL, deployment, email: 'us@shop.example', project: 'SHOP', type: 'Task' };
    const tracker = openStandIn('jira', { config, token: 'x' }, dispatcher);
    expect(await failureOf(tracker.findByMarker([MARKER], undefined, how))).toMatchObject({ kind: 'malformed' });
    expect(asked()).toBeLessThanOrEqual(21);
  });
});

it('A redirect of a write leaves open whether it was done', async () => {
  const redirect = { status: 302, headers: { location: `${URL}/issues/1` } };
  const { tracker } = github(() => redirect);
  expect(await failureOf(tracker.create(draft(MARKER), how))).toMatchObject({ kind: 'invalid', written: 'unknown' });
  expect(await failureOf(tracker.get('1', how))).toMatchObject({ kind: 'invalid', written: 'no' });
});

it.each(['javascript:alert(1)', `https://a.example/${'x'.repeat(2_000)}`])(
  '%s is no address of an issue',
  async (url) => {
    const issue = {
      ...{ number: 1, html_url: url, title: 'x', state: 'open', labels: [], comments: 0 },
      created_at: '2026-01-01T00:00:00Z',
    };
    const { tracker } = github(() => ({ status: 200, body: issue }));
    expect(await failureOf(tracker.get('1', how))).toMatchObject({ kind: 'malformed' });
  },
);

it.each(['1e308', '1e400', '99999999', 'Fri, 31 Dec 9999 23:59:59 GMT'])('A wait is never too long: %s', (header) => {
  expect(retryAfterMs(header)).toBe(15 * 60_000);
});

it('Nor is it where GitHub tells when its limit ends', async () => {
  const { tracker } = github(() => ({
    status: 403,
    headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '1e300' },
  }));
  expect(await failureOf(tracker.get('1', how))).toMatchObject({ kind: 'rate_limited', retryAfterMs: 15 * 60_000 });
});
