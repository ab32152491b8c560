/** What runs left unsettled is settled here, under the same claims, also for runs that were terminated; and what is past its time is deleted. */
import { plain, plainBulk } from './steps.js';

export async function sweep(): Promise<{ settled: number; left: number }> {
  const swept = await plainBulk.settleLeftovers({});
  await plain.forgetEvents({});
  return swept;
}
