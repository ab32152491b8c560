import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseRateLimit, waitMs } from '../../miro/rate-limit.js';

const NOW = Date.parse('2026-03-01T12:00:00Z');
const dateHeader = (ms: number): string => new Date(ms).toUTCString();

describe('the rate-limit headers of an answer', () => {
  it('give limit, remaining credits and the end of the window, in seconds or milliseconds', () => {
    const headers = { 'x-ratelimit-limit': '100000', 'x-ratelimit-remaining': '97600' };
    const ends = { resetAtMs: NOW + 30_000, window: NOW + 30_000, endsInMs: 30_000 };
    const expected = { limit: 100_000, remaining: 97_600, ...ends };
    expect(parseRateLimit({ ...headers, 'x-ratelimit-reset': String((NOW + 30_000) / 1000) }, NOW)).toEqual(expected);
    expect(parseRateLimit({ ...headers, 'x-ratelimit-reset': String(NOW + 30_000) }, NOW)).toEqual(expected);
  });

  it('are moved to our clock where the Date header shows that the clocks differ', () => {
    const server = NOW - 3_600_000;
    const headers = { date: dateHeader(server), 'x-ratelimit-reset': String((server + 30_000) / 1000) };
    const ends = { window: server + 30_000, endsInMs: 30_000 };
    expect(parseRateLimit(headers, NOW)).toEqual({ resetAtMs: NOW + 30_000, ...ends });
  });

  it('are left alone where the clocks agree as far as whole seconds can tell', () => {
    const headers = { date: dateHeader(NOW - 1000), 'x-ratelimit-reset': String(NOW + 250) };
    const ends = { window: NOW + 250, endsInMs: 1_250 };
    expect(parseRateLimit(headers, NOW)).toEqual({ resetAtMs: NOW + 250, ...ends });
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

describe('whatever the headers hold', () => {
  const value = fc.oneof(
    fc.string(),
    fc.integer().map(String),
    fc.double().map(String),
    fc.date({ noInvalidDate: true }).map((date) => date.toUTCString()),
    fc.constant(undefined),
  );
  const headers = fc.record({
    date: value,
    'retry-after': value,
    'x-ratelimit-limit': value,
    'x-ratelimit-remaining': value,
    'x-ratelimit-reset': fc.oneof(value, fc.array(fc.string())),
  });

  it('no number is negative, infinite or none', () => {
    fc.assert(
      fc.property(headers, (given) => {
        const { resetAtMs, endsInMs = 0, ...counts } = parseRateLimit(given, NOW) ?? {};
        for (const number of Object.values(counts)) {
          if (number === undefined) continue;
          expect(Number.isFinite(number)).toBe(true);
          expect(number).toBeGreaterThanOrEqual(0);
        }
        if (resetAtMs !== undefined) expect(Number.isFinite(resetAtMs)).toBe(true);
        expect(Number.isFinite(endsInMs)).toBe(true);
        expect(waitMs({ resetAtMs, ...counts }, NOW) ?? 0).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  it('a reset comes out at the same distance from now, in seconds or milliseconds, with any clock', () => {
    const offset = fc.integer({ min: -86_400, max: 86_400 }).filter((seconds) => Math.abs(seconds) > 2);
    fc.assert(
      fc.property(offset, fc.integer({ min: 0, max: 60 }), fc.boolean(), (ahead, seconds, inMs) => {
        const server = NOW - ahead * 1000;
        const reset = server + seconds * 1000;
        const given = { date: dateHeader(server), 'x-ratelimit-reset': String(inMs ? reset : reset / 1000) };
        expect(parseRateLimit(given, NOW)?.resetAtMs).toBe(NOW + seconds * 1000);
      }),
    );
  });
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
