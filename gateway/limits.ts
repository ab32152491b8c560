/** How often one may call. In memory: each gateway process counts for itself. */
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { Refusal } from './refusal.js';

export interface Limits {
  /** Counts a call with a good key. @throws Refusal 429 */
  countCall: (keyId: string) => Promise<void>;
  /** Counts a try with a bad one. @throws Refusal 429 when there were too many from that address */
  countFailure: (address: string) => Promise<void>;
  /** Counts a form that a person has sent. @throws Refusal 429 when there were too many from that address */
  countForm: (address: string) => Promise<void>;
}

/** @param callsPerMinute of one key. @param failuresPerMinute of one address. @param formsPerMinute of one address. */
export function createLimits({ callsPerMinute = 1_200, failuresPerMinute = 20, formsPerMinute = 60 } = {}): Limits {
  const counting = (points: number) => {
    const limiter = new RateLimiterMemory({ points, duration: 60 });
    return async (who: string): Promise<void> => void (await limiter.consume(who).catch(tooMany));
  };
  return {
    countCall: counting(callsPerMinute),
    countFailure: counting(failuresPerMinute),
    countForm: counting(formsPerMinute),
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
