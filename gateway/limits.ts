/** How often one may call. In memory: each gateway process counts for itself. */
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { Refusal } from './refusal.js';

export interface Limits {
  /** Counts a call with a good key. @throws Refusal 429 */
  countCall: (keyId: string) => Promise<void>;
  /** Counts a try with a bad one. @throws Refusal 429 when there were too many from that address */
  countFailure: (address: string) => Promise<void>;
  /** @throws Refusal 429 while the address has failed too often; a key that was good in this process before is heard anyway */
  admit: (address: string, keyId: string | undefined) => Promise<void>;
}

/** @param callsPerMinute of one key. @param failuresPerMinute of one address. */
export function createLimits({ callsPerMinute = 1_200, failuresPerMinute = 20 } = {}): Limits {
  const calls = new RateLimiterMemory({ points: callsPerMinute, duration: 60 });
  const failures = new RateLimiterMemory({ points: failuresPerMinute, duration: 60 });
  // Behind a proxy all have one address: a stranger's failures must not shut out a backend that is known.
  const known = new Set<string>();
  return {
    async countCall(keyId) {
      known.add(keyId);
      await calls.consume(keyId).catch(tooMany);
    },
    countFailure: async (address) => void (await failures.consume(address).catch(tooMany)),
    async admit(address, keyId) {
      if (keyId !== undefined && known.has(keyId)) return;
      const spent = await failures.get(address);
      if (spent && spent.consumedPoints >= failuresPerMinute) tooMany(spent);
    },
  };
}

function tooMany(spent: unknown): never {
  if (!(spent instanceof RateLimiterRes)) throw spent;
  throw new Refusal(429, {
    code: 'too_many_requests',
    message: 'There were too many requests within a minute.',
    remedy: 'Wait as long as the header Retry-After says, then try again.',
    retryAfterMs: spent.msBeforeNext,
  });
}
