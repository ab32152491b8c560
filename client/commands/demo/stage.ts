/** The demo's stage: a Miro that fails, workers that may be killed, and everybody's calls over before the curtain falls. */
import type { TemporalMiro } from '../../index.js';
import { aborted } from '../local-services.js';
import { withTemporal } from '../services.js';
import { tellFaults } from './narrator.js';
import type { Check } from './proof.js';
import { onlookerAt, type Onlooker } from './simulated.js';
import { Workers, type WorkerStage } from './workers.js';

/** What a story has proven of one board. */
export interface ProvenBoard {
  title: string;
  url: string;
  /** SVG. */
  picture: string;
  /** The board before the story: SVG. */
  before?: string;
  /** What was made elsewhere. */
  tickets?: { key: string; title: string }[];
  checks: Check[];
}

export type Stage = WorkerStage;

/** What a story plays with. */
export interface Playing extends Stage {
  miro: TemporalMiro;
  onlooker: Onlooker;
  workers: Workers;
  /** Who still asks how jobs are going. */
  followers: Promise<void>[];
}

/** @throws Error when a job does not end well; AbortError */
export async function playOnStage<T>(
  stage: Stage,
  faults: object[],
  play: (playing: Playing) => Promise<T>,
): Promise<T> {
  const { env, signal } = stage;
  const onlooker = onlookerAt(env.MIRO_API_URL ?? '');
  await onlooker.setFaults(faults);
  const end = new AbortController();
  const untilEnd = AbortSignal.any([signal, end.signal]);
  const workers = new Workers(stage);
  tellFaults(onlooker, stage.tell, untilEnd).catch(() => undefined); // the simulator is gone: nothing more to tell
  try {
    const playing = withTemporal(env, async ({ miro }) => {
      const followers: Promise<void>[] = [];
      try {
        return await unlessAborted(signal, play({ ...stage, signal: untilEnd, miro, onlooker, workers, followers }));
      } finally {
        end.abort();
        await Promise.all(followers); // their calls too must be over before the connection closes
      }
    });
    return await Promise.race([playing, aborted(signal)]);
  } finally {
    end.abort();
    await workers.kill();
  }
}

/** Settles as `work` does, but never once `signal` is aborted: a call under way that finds its connection closed would crash the process. */
function unlessAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    work.then(
      (value) => signal.aborted || resolve(value),
      (error: unknown) => signal.aborted || reject(error as Error),
    );
  });
}
