/** The demo's plot: two boards, a Miro that fails in many ways, and a worker that is killed half-way. */
import type { ProvisionAnswer, ProvisionRequest } from '../../index.js';
import { countsText } from '../follow.js';
import { pause, tellProgress } from './narrator.js';
import { checkBlueprint, checkCopy, checkMarker, checkMembers } from './proof.js';
import { CUSTOMER, dealRequest, drawTemplate, kickOffRequest, RECORD_URL } from './requests.js';
import type { SimBoard } from './simulated.js';
import { playOnStage, type Playing, type ProvenBoard, type Stage } from './stage.js';

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

/** @throws Error when a job does not end well; AbortError */
export async function playProvisioning(stage: Stage): Promise<ProvenBoard[]> {
  const { MIRO_API_URL: api = '', MIRO_ACCESS_TOKEN: token = '' } = stage.env;
  const templateId = await drawTemplate(api, token);
  return await playOnStage(stage, FAULTS, (playing) => play(playing, templateId));
}

async function play(stage: Playing, templateId: string): Promise<ProvenBoard[]> {
  const { tell, signal, miro, onlooker, workers } = stage;
  const kickOff = await kickOffRequest();
  const deal = dealRequest(templateId);
  await workers.start();
  const first = await begin(stage, 'kick-off', kickOff);
  const copying = begin(stage, 'deal', deal);
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
  { tell, signal, miro, followers }: Playing,
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
