import { expect, it } from 'vitest';
import { needsRelink, retryLater } from '../../activities/failure.js';

it('a dead grant names its relink URL in the details, and never in the message, which the SDK logs', () => {
  const named = { grantId: 'g', generation: 1, tenantId: 't', connection: 'emea', reason: 'it died' };
  const relinkUrl = 'https://miro-jobs.example.com/relink/c.g.1.0123';
  const dead = { ...named, remedy: `open ${relinkUrl}`, relinkUrl };
  const { message, details } = needsRelink(dead);
  expect(message).toContain('temporal-miro connections relink emea');
  expect(message).not.toContain('/relink/');
  expect(details).toEqual([dead]);
  const remedy = 'give the connection "emea" a new SCIM token';
  expect(needsRelink({ ...named, remedy }).message).toContain(`(it died); ${remedy}`);
});

it.each([Infinity, 1e300, 365 * 24 * 3_600_000])('no delay is longer than a day: %d ms', (ms) => {
  expect(retryLater('T', 'm', ms).nextRetryDelay).toBe(24 * 3_600_000);
});
