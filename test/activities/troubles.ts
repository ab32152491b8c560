/** What can happen to an attempt that writes. After each, Temporal's next attempts follow until one succeeds. */
import type { Activities } from '../../activities/index.js';
import type { FaultRule } from '../../simulator/faults/rules.js';
import { dyingAfterWrite, isRetryable, LATE_MS, SLOW_MS, tellingOfWrite, type Stage } from './stage.js';

export interface Scene {
  stage: Stage;
  jobId: string;
  /** The activity under test. */
  step: (activities: Activities) => Promise<unknown>;
  /** Makes the activity's first write go wrong. */
  firstWrite: (fault: Pick<FaultRule, 'fault' | 'delayMs' | 'status'>) => Promise<void>;
}

export interface Trouble {
  /** Goes on from "makes one thing when". */
  title: string;
  /** Whether nobody can tell from the answer if the write happened. */
  unsure: boolean;
  strike: (scene: Scene) => Promise<void>;
}

/** Miro's answer to the first write goes wrong; the attempt itself fails or recovers. */
function answered(title: string, unsure: boolean, fault: Parameters<Scene['firstWrite']>[0]): Trouble {
  return {
    title,
    unsure,
    async strike({ stage, step, firstWrite }) {
      await firstWrite(fault);
      await retryable(stage.attempt(step));
    },
  };
}

export const TROUBLES: Trouble[] = [
  {
    title: 'it runs twice',
    unsure: false,
    strike: ({ stage, step }) => stage.untilDone(step).then(() => undefined),
  },
  {
    title: 'two attempts run at once',
    unsure: false,
    async strike({ stage, step, firstWrite }) {
      await firstWrite({ fault: 'slow', delayMs: SLOW_MS });
      await Promise.all([retryable(stage.attempt(step)), retryable(stage.attempt(step))]);
    },
  },
  {
    title: 'the first attempt timed out and its request is worked on while the next one runs',
    unsure: true,
    async strike({ stage, step, firstWrite }) {
      await firstWrite({ fault: 'slow', delayMs: LATE_MS });
      const first = retryable(stage.attempt(step));
      await retryable(stage.attempt(step));
      await first;
    },
  },
  {
    title: 'the process is killed between the write and its answer',
    unsure: true,
    async strike({ stage, step }) {
      await new Promise<void>((died, failed) => {
        const miro = dyingAfterWrite(died);
        stage.untilDone(step, { miro }).then(() => failed(new Error('it did not write')), failed);
      });
    },
  },
  answered('the answer is lost', true, { fault: 'drop-after' }),
  answered('Miro is silent after the write', true, { fault: 'timeout' }),
  answered('Miro answers 500 after the write', true, { fault: '5xx-after' }),
  answered('Miro answers 503 before the write', true, { fault: '5xx-before', status: 503 }),
  answered('something before Miro answers 429', true, { fault: '429' }),
  {
    title: 'another program has used up the credits',
    unsure: false,
    async strike({ stage, step }) {
      await stage.act('drain-credits');
      await retryable(stage.attempt(step));
    },
  },
  answered('the answer is cut off', true, { fault: 'truncate' }),
  answered('a proxy answers with HTML after the write', true, { fault: 'html' }),
  answered('the token is refused by mistake', false, { fault: '401' }),
  {
    title: 'it is cancelled and the answer is lost',
    unsure: true,
    async strike({ stage, jobId, step, firstWrite }) {
      await firstWrite({ fault: 'drop-after' });
      const cancel = new AbortController();
      const miro = tellingOfWrite(() => cancel.abort());
      await retryable(stage.attempt(step, { miro, cancelled: cancel.signal }));
      // the ending of the run: looks, and sends nothing
      await stage.requests();
      await stage.untilDone((activities) => activities.settleClaims({ jobId }));
      const writes = (await stage.requests()).filter(({ method }) => method !== 'GET');
      if (writes.length > 0) throw new Error(`settling wrote: ${JSON.stringify(writes)}`);
    },
  },
];

/** An attempt whose failure Temporal retries; any other is a defect. */
async function retryable(attempt: Promise<unknown>): Promise<void> {
  await attempt.catch((error: unknown) => {
    if (!isRetryable(error)) throw error;
  });
}
