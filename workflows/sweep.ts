/** What runs left unsettled is settled here, under the same claims, also for runs that were terminated. */
import { plainBulk } from './steps.js';

export async function sweep(): Promise<{ settled: number; left: number }> {
  return await plainBulk.settleLeftovers({});
}
