import { describe, expect, it } from 'vitest';
import { parseRateLimit, waitMs } from '../../miro/rate-limit.js';

const NOW = Date.parse('2026-03-01T12:00:00Z');
const dateHeader = (ms: number): string => new Date(ms).toUTCString();

describe('the rate-limit headers of an answer', () => {
  it('give limit, remaining credits and the end of the window, in seconds or milliseconds', () => {
    const headers = { 'x-ratelimit-limit': '100000', 'x-ratelimit-remaining': '97600' };
    const expected = { limit: 100_000, remaining: 97_600, resetAtMs: NOW + 30_000 };
    expect(parseRateLimit({ ...headers, 'x-ratelimit-reset': String((NOW + 30_000) / 1000) }, NOW)).toEqual(expected);
    expect(parseRateLimit({ ...headers, 'x-ratelimit-reset': String(NOW + 30_000) }, NOW)).toEqual(expected);
  });

  it('are moved to our clock where the Date header shows that the clocks differ', () => {
    const server = NOW - 3_600_000;
    const headers = { date: dateHeader(server), 'x-ratelimit-reset': String((server + 30_000) / 1000) };
    expect(parseRateLimit(headers, NOW)).toEqual({ resetAtMs: NOW + 30_000 });
  });

  it('are left alone where the clocks agree as far as whole seconds can tell', () => {
    const headers = { date: dateHeader(NOW - 1000), 'x-ratelimit-reset': String(NOW + 250) };
    expect(parseRateLimit(headers, NOW)).toEqual({ resetAtMs: NOW + 250 });
  });

  it('may name the wait in seconds or as a date of the server', () => {
    const server = NOW + 120_000;
    expect(parseRateLimit({ 'retry-after': '7' }, NOW)).toEqual({ retryAfterMs: 7_000 });
    const headers = { date: dateHeader(server), 'retry-after': dateHeader(server + 9_000) };
    expect(parseRateLimit(headers, NOW)).toEqual({ retryAfterMs: 9_000 });
    expect(parseRateLimit({ 'retry-after': dateHeader(NOW - 9_000) }, NOW)).toEqual({ retryAfterMs: 0 });
  });

  it.each([{}, { 'x-ratelimit-remaining': 'many', 'retry-after': 'soon', date: 'today' }, { 'retry-after': '-5' }])(
    'count as absent where they say nothing: %o',
    (headers) => expect(parseRateLimit(headers, NOW)).toBeUndefined(),
  );
});

describe('the wait after a refusal', () => {
  it('is what Retry-After asks for, else the rest of the window', () => {
    expect(waitMs({ retryAfterMs: 5, resetAtMs: NOW + 99 }, NOW)).toBe(5);
    expect(waitMs({ resetAtMs: NOW + 99 }, NOW)).toBe(99);
  });

  it('is unknown without headers and with a window that is over', () => {
    expect(waitMs(undefined, NOW)).toBeUndefined();
    expect(waitMs({ resetAtMs: NOW - 1 }, NOW)).toBeUndefined();
  });
});
