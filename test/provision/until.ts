import { setTimeout as delay } from 'node:timers/promises';

/** Asks again until the answer is there. @throws Error with the last answer after `withinMs`. */
export async function until<T>(ask: () => Promise<T | undefined | false>, withinMs = 30_000): Promise<T> {
  const giveUpAt = performance.now() + withinMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    if (performance.now() > giveUpAt) throw new Error(`not within ${withinMs} ms: ${ask.toString()}`);
    await delay(20);
  }
}
