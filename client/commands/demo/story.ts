/** The demo's plot: two boards, a Miro that fails in many ways, and a worker that is killed half-way. */
import type { Env } from '../../../config.js';
import type { ProvisionAnswer, ProvisionRequest, TemporalMiro } from '../../index.js';
import { withTemporal } from '../services.js';
import { aborted } from '../local-services.js';
import { countsText } from '../follow.js';
import { pause, tellFaults, tellProgress, type Tell } from './narrator.js';
import { checkBlueprint, checkCopy, checkMarker, checkMembers, type Check } from './proof.js';
import { CUSTOMER, dealRequest, drawTemplate, kickOffRequest, RECORD_URL } from './requests.js';
import { onlookerAt, type Onlooker, type SimBoard } from './simulated.js';
import { startWorkerProcess, type WorkerProcess } from './worker-process.js';

/** In this order; each strikes once. */
const FAULTS = [
  { match: { method: 'POST', path: '/v2/boards' }, when: { nth: 1 }, fault: '5xx-after' },
  { match: { method: 'PUT', path: '/v2/boards' }, when: { nth: 1 }, fault: 'drop-after' },
  { match: { method: 'POST', path: '/v2/boards/*/items/bulk' }, when: { nth: 2 }, fault: 'drop-after' },
  { match: { method: 'POST', path: '/v2/boards/*/tags' }, when: { nth: 2 }, fault: '429' },
  { match: { method: 'POST', path: '/v2/boards/*/connectors' }, when: { nth: 1 }, fault: 'drop-after' },
  { match: { method: 'POST', path: '/v2/boards/*/members' }, when: { nth: 1 }, fault: '5xx-before' },
];
/** Of the 50 parts of the kick-off board; the second batch of items has just been written then. */
const KILL_AT_ITEMS = 30;
const DARK_MS = 1_500;

export interface ProvenBoard {
  title: string;
  url: string;
  /** SVG. */
  picture: string;
  checks: Check[];
}

export interface Stage {
  /** Of the processes on the stage. */
  env: Env;
  tell: Tell;
  /** Aborted: the curtain falls at once. */
  signal: AbortSignal;
}

/** @throws Error when a job does not end well; AbortError */
export async function playStory(stage: Stage): Promise<ProvenBoard[]> {
  const { env, signal } = stage;
  const { MIRO_API_URL: api = '', MIRO_ACCESS_TOKEN: token = '' } = env;
  const templateId = await drawTemplate(api, token);
  const onlooker = onlookerAt(api);
  await onlooker.setFaults(FAULTS);
  const end = new AbortController();
  const untilEnd = AbortSignal.any([signal, end.signal]);
  const workers = new Workers(stage);
  tellFaults(onlooker, stage.tell, untilEnd).catch(() => undefined); // the simulator is gone: nothing more to tell
  try {
    const playing = withTemporal(env, async ({ miro }) => {
      const followers: Promise<void>[] = [];
      try {
        const playing = { ...stage, signal: untilEnd, followers };
        return await unlessAborted(signal, play(playing, miro, onlooker, workers, templateId));
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

interface Playing extends Stage {
  /** Who still asks how jobs are going. */
  followers: Promise<void>[];
}

async function play(
  stage: Playing,
  miro: TemporalMiro,
  onlooker: Onlooker,
  workers: Workers,
  templateId: string,
): Promise<ProvenBoard[]> {
  const { tell, signal } = stage;
  const kickOff = await kickOffRequest();
  const deal = dealRequest(templateId);
  await workers.start();
  const first = await begin(stage, miro, 'kick-off', kickOff);
  const copying = begin(stage, miro, 'deal', deal);
  copying.catch(() => undefined); // it is awaited below; until then its failure must not end the process

  while (itemsOn(await onlooker.boards(), first.boardId) < KILL_AT_ITEMS && !signal.aborted) await pause(20, signal);
  await workers.kill();
  const left = itemsOn(await onlooker.boards(), first.boardId);
  tell('demo', `☠ kill -9: the only worker is gone, with ${left} things on the kick-off board and a copy begun`);
  await pause(DARK_MS, signal);
  tell(
    'demo',
    'a new worker starts; Temporal hands it the unfinished steps once it misses their heartbeats, after 10 s',
  );
  await workers.start();

  const copy = await copying;
  for (const [who, { handle }] of [['kick-off', first] as const, ['deal', copy] as const]) {
    const { ending, counts } = await handle.result();
    tell(who, `${ending}: ${countsText(counts)}`);
  }
  const again = await miro.provisionBoard(kickOff);
  tell('kick-off', `asked once more, with the same key: ${'url' in again ? again.url : again.detail}`);

  const boards = await onlooker.boards();
  const { boardId, url } = first;
  const fill = (text: string): string => text.replaceAll('{{customer}}', CUSTOMER);
  return [
    {
      title: 'kick-off',
      url,
      picture: await onlooker.picture(boardId),
      checks: [
        checkMarker('boards with its marker', boards, boardId),
        ...checkBlueprint(boards, boardId, kickOff.template.blueprint, RECORD_URL),
        checkMembers(boards, boardId, kickOff.members ?? []),
      ],
    },
    {
      title: 'deal',
      url: copy.url,
      picture: await onlooker.picture(copy.boardId),
      checks: [
        checkMarker('boards with its marker', boards, copy.boardId),
        ...checkCopy(boards, copy.boardId, templateId, fill),
        checkMembers(boards, copy.boardId, deal.members ?? []),
      ],
    },
  ];
}

type Ready = Extract<ProvisionAnswer, { url: string }>;

/** Asks for a board, tells its address as soon as there is one, and goes on telling in the background. */
async function begin(
  { tell, signal, followers }: Playing,
  miro: TemporalMiro,
  who: string,
  request: ProvisionRequest,
): Promise<Ready> {
  const askedAt = performance.now();
  tell(who, `provisionBoard, key "${request.key}" …`);
  const answer = await miro.provisionBoard(request, { waitMs: 60_000 });
  if (!('url' in answer)) throw new Error(`${who}: ${answer.detail}`);
  tell(who, `→ ${answer.url}  after ${((performance.now() - askedAt) / 1000).toFixed(1)} s; the rest goes on`);
  followers.push(tellProgress(who, answer.handle, tell, signal).catch(() => undefined)); // its end is awaited elsewhere
  return answer;
}

function itemsOn(boards: SimBoard[], boardId: string): number {
  return boards.find(({ id }) => id === boardId)?.items.length ?? 0;
}

/** One worker process at a time. */
class Workers {
  private current: WorkerProcess | undefined;
  private readonly stage: Stage;

  constructor(stage: Stage) {
    this.stage = stage;
  }

  async start(): Promise<void> {
    const { env, signal, tell } = this.stage;
    this.current = await startWorkerProcess(env, signal);
    tell('worker', `process ${this.current.pid} polls for work`);
  }

  async kill(): Promise<void> {
    await this.current?.kill();
  }
}
