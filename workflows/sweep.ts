/** What runs left unsettled is settled here, under the same claims, also for runs that were terminated; and what is past its time is deleted. */
import { patched } from '@temporalio/workflow';
import { plain, plainBulk } from './steps.js';

export async function sweep(): Promise<{ settled: number; left: number }> {
  const swept = await plainBulk.settleLeftovers({});
  if (patched('2026-11-forget-events')) await plain.forgetEvents({});
  if (patched('2026-11-forget-boards')) await plain.forgetBoards({});
  return swept;
}
