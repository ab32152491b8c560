/** The demo's second plot: a retrospective becomes tickets, while Miro fails and the worker is killed; next week only what is new does. */
import type { RetroToTicketsResult } from '../../../contract-retro.js';
import { allTickets } from '../../../store/tickets.js';
import { findTenant } from '../../../store/tenants.js';
import type { RetroRequest, StartAnswer } from '../../index.js';
import { countsText } from '../follow.js';
import { decisionsText } from '../retro-text.js';
import { withStore } from '../services.js';
import { pause, tellProgress } from './narrator.js';
import { checkTickets } from './proof.js';
import { playOnStage, type Playing, type ProvenBoard, type Stage } from './stage.js';

/** In this order; each strikes once. */
const FAULTS = [
  { match: { method: 'GET', path: '/v2/boards/*/items' }, when: { nth: 2 }, fault: '429' },
  { match: { method: 'POST', path: '/v2/boards/*/frames' }, when: { nth: 1 }, fault: '5xx-after' },
  { match: { method: 'POST', path: '/v2/boards/*/items/bulk' }, when: { nth: 1 }, fault: 'drop-after' },
  { match: { method: 'POST', path: '/v2/boards/*/tags' }, when: { nth: 1 }, fault: 'drop-after' },
  { match: { method: 'POST', path: '/v2/boards/*/items/*' }, when: { nth: 5 }, fault: '429' },
];
const BOARD = 'Retro Sprint 42 🚀';
const TAG = 'ticketed';
/** Of the 59 stickies with words. */
const KILL_AT_TAGS = 20;
const DARK_MS = 1_500;
const LATER = 'Invite the support team to the next retro';

/** @throws Error when a run does not end well; AbortError */
export const playRetro = (stage: Stage): Promise<ProvenBoard[]> => playOnStage(stage, FAULTS, play);

async function play(playing: Playing): Promise<ProvenBoard[]> {
  const { tell, miro, onlooker, workers } = playing;
  const board = (await onlooker.boards()).find(({ name }) => name === BOARD);
  if (!board) throw new Error(`the simulator has no board "${BOARD}"`);
  const before = await onlooker.picture(board.id);
  const request: RetroRequest = { board: board.id };
  await workers.start();

  const plan = await miro.planRetro(request);
  tell('retro', `the plan for "${plan.board.name}", nothing written yet: ${decisionsText(plan)}`);
  const first = await miro.retroToTickets({ ...request, planHash: plan.hash });
  follow(playing, first);
  await killHalfWay(playing, board.id);
  await tellEnd(playing, first);

  const again = await miro.retroToTickets(request);
  tell('retro', `run again: ${countsText((await again.handle.result()).counts)}`);
  await onlooker.act({ do: 'add-sticky', boardId: board.id, content: LATER, position: { x: 2_640, y: 560 } });
  tell('Miro', `a week later somebody adds a sticky note: “${LATER}”`);
  await tellEnd(playing, await miro.retroToTickets(request));

  const tickets = await ticketsIn(playing);
  return [
    {
      title: 'retro',
      url: plan.board.url,
      before,
      picture: await onlooker.picture(board.id),
      tickets: tickets.map(({ key, title }) => ({ key, title })),
      checks: checkTickets(await onlooker.boards(), board.id, { tickets, tag: TAG }),
    },
  ];
}

function follow({ tell, signal, followers }: Playing, { handle }: StartAnswer<RetroToTicketsResult>): void {
  followers.push(tellProgress('retro', handle, tell, signal).catch(() => undefined)); // its end is awaited elsewhere
}

async function tellEnd({ tell }: Playing, { handle }: StartAnswer<RetroToTicketsResult>): Promise<void> {
  const { ending, counts } = await handle.result();
  tell('retro', `${ending}: ${countsText(counts)}`);
}

async function killHalfWay({ tell, signal, onlooker, workers }: Playing, boardId: string): Promise<void> {
  const tagged = async (): Promise<number> => {
    const board = (await onlooker.boards()).find(({ id }) => id === boardId);
    const tag = board?.tags.find(({ title }) => title === TAG);
    return board?.items.filter(({ tagIds }) => tag && tagIds.includes(tag.id)).length ?? 0;
  };
  while ((await tagged()) < KILL_AT_TAGS && !signal.aborted) await pause(20, signal);
  await workers.kill();
  tell('demo', `☠ kill -9: the only worker is gone, with ${await tagged()} sticky notes marked on the board`);
  await pause(DARK_MS, signal);
  tell('demo', 'a new worker starts; Temporal hands it the unfinished step once it misses its heartbeats, after 10 s');
  await workers.start();
}

const ticketsIn = ({ env }: Playing): ReturnType<typeof allTickets> =>
  withStore(env, async (db) => {
    const tenant = await findTenant(db, 'default');
    return tenant ? await allTickets(db, { tenantId: tenant.tenantId }) : [];
  });
