/** What a run waits for, as the query `status` tells it. */
import type { Waiting } from '../contract.js';

/** In the order in which the waits began; parallel branches may each have one. */
const waits = new Set<Waiting>();

/** The wait that began first. */
export function waitingFor(): Waiting | undefined {
  return [...waits][0];
}

/** Tells of the wait until it is over, however it ends. */
export async function showWait<T>(waiting: Waiting, wait: () => Promise<T>): Promise<T> {
  waits.add(waiting);
  try {
    return await wait();
  } finally {
    waits.delete(waiting);
  }
}
