/** Tells what happens while it happens: one line each, with the seconds since the curtain rose, until the curtain falls. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Waiting } from '../../../contract.js';
import type { JobHandle, JobResult } from '../../index.js';
import { countsText, progressOf } from '../follow.js';
import type { Onlooker, SimRequest } from './simulated.js';

export type Tell = (who: string, what: string) => void;

export function createTell(write: (line: string) => void, signal: AbortSignal): Tell {
  const startedAt = performance.now();
  return (who, what) => {
    if (signal.aborted) return;
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1).padStart(5);
    write(`${seconds} s  ${who.padEnd(8)} │ ${what.trimEnd()}`);
  };
}

const FAULTS: Record<string, (request: string) => string> = {
  '429': (request) => `answers 429 to ${request}: too many requests`,
  '5xx-before': (request) => `answers 500 to ${request}, and has done nothing`,
  '5xx-after': (request) => `answers 500 to ${request}, although it has done it`,
  'drop-after': (request) => `does ${request}, then the connection breaks: no answer`,
};

/** Tells of every injected fault as it strikes. */
export async function tellFaults(onlooker: Onlooker, tell: Tell, signal: AbortSignal): Promise<void> {
  for (let seen = 0; !signal.aborted; await pause(100, signal)) {
    const requests = await onlooker.requests();
    for (const request of requests.slice(seen)) {
      const say = FAULTS[request.fault ?? ''];
      if (say) tell('Miro', `✗ ${say(shortly(request))}`);
    }
    seen = requests.length;
  }
}

const TELL_EVERY_MS = 1_000;

const WAITS: Record<Waiting['for'], string> = {
  relink: 'waits for a person to link the Miro account again',
  credits: 'waits until Miro gives credits again',
  settling: 'the answer was lost: waits until Miro has settled, then looks before it writes again',
  miro_down: 'tries again',
  tracker: 'waits for the tracker',
  approval: 'waits for a person to approve the plan',
  paused: 'is paused, and waits to be resumed',
  retry: 'this step is tried again',
};

/** Tells of one job's progress, at most once a second unless it comes into another phase or waits for something else. */
export async function tellProgress(
  who: string,
  handle: JobHandle<JobResult>,
  tell: Tell,
  signal: AbortSignal,
): Promise<void> {
  let told = { line: '', turn: '', at: -Infinity };
  for await (const { phase, total = 0, finished, counts, waiting } of progressOf(handle, signal)) {
    if (phase === undefined || phase === 'ended' || total === 0) continue;
    const wait = waiting ? `  … ${WAITS[waiting.for]}` : '';
    const line = `${phase.padEnd(8)} ${finished}/${total}${counts ? `  ${countsText(counts)}` : ''}${wait}`;
    const turn = `${phase} ${waiting?.for}`;
    if (line === told.line || (turn === told.turn && performance.now() - told.at < TELL_EVERY_MS)) continue;
    tell(who, line);
    told = { line, turn, at: performance.now() };
  }
}

export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal }).catch(() => undefined); // aborted: whoever waits looks at the signal
}

function shortly({ method, path }: SimRequest): string {
  return `${method} ${path.replace(/^(\/v2\/boards)\/[^/]+/, '$1/…')}`;
}
