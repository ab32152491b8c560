/** A retro board whose stickies have tickets, as the steps before a link back leave them. */
import { randomUUID } from 'node:crypto';
import type { LinkBack, RetroToTicketsInput } from '../../contract-retro.js';
import type { Activities } from '../../activities/index.js';
import { keyHash } from '../../ids.js';
import { retroKey } from '../../jobs/retro-to-tickets/key.js';
import { openJob, setJobBoard } from '../../store/jobs.js';
import { saveLink } from '../../store/ticket-links.js';
import { opened } from '../store/database.js';
import type { SimulatedBoard, Stage } from './stage.js';

export interface RetroBoard {
  boardId: string;
  jobId: string;
  keyHash: string;
  /** The stickies that have tickets, in their order. */
  itemIds: string[];
  /** Gives one more sticky a ticket, as a later run does. */
  addTicket(title: string, more?: { itemId?: string; episode?: number }): Promise<string>;
  /** Another way for the tickets that come. */
  setWay(linkBack: LinkBack): Promise<void>;
  board(): Promise<SimulatedBoard>;
  /** All steps of a link back, in the order of the workflow. */
  show(): Promise<void>;
}

export const KEY = (n: number): string => `SHOP-${n + 1}`;
export const URL_OF = (n: number): string => `https://jira.example/browse/${KEY(n)}`;
/** The stickies of the board, whatever their number. */
const PLACE = (n: number) => ({ x: (n % 10) * 400, y: Math.floor(n / 10) * 300 });

export async function createRetroBoard(
  stage: Stage,
  { tickets, linkBack = 'list' }: { tickets: number; linkBack?: LinkBack },
): Promise<RetroBoard> {
  const { db, tenant, tenantId } = stage;
  const { id: boardId } = await stage.act('create-board', { name: 'Retro' });
  const input: RetroToTicketsInput = { tenant, connectionId: 'default', boardId, tracker: 'builtin', linkBack };
  const hash = keyHash(stage.deps.idKey, { tenant, kind: 'retroToTickets', key: retroKey(boardId, 'builtin') });
  const runId = randomUUID();
  const open = async (options: RetroToTicketsInput) =>
    opened(
      await openJob(db, {
        ...{ tenantId, kind: 'retroToTickets', keyHash: hash, workflowId: `retro:${tenant}`, runId, repeat: true },
        ...{ spec: {}, specHash: 'h', options },
      }),
    );
  const { jobId } = await open(input);
  await setJobBoard(db, { jobId, boardId, url: `https://miro.com/app/board/${boardId}/` });
  const itemIds: string[] = [];
  const addTicket: RetroBoard['addTicket'] = async (title, { itemId, episode = 1 } = {}) => {
    const n = itemIds.length;
    const at = PLACE(n);
    const id = itemId ?? (await stage.act('add-sticky', { boardId, content: title, position: at })).id;
    itemIds.push(id);
    const ticket = { id: String(n), key: KEY(n), url: URL_OF(n) };
    const link = { tenantId, keyHash: hash, itemId: id, episode, jobId, runId, outcome: 'made' as const, ticket };
    await saveLink(db, { ...link, title, words: title, fingerprint: title, ...at });
    return id;
  };
  for (let n = 0; n < tickets; n += 1) await addTicket(`Idea ${n}`);
  return {
    ...{ boardId, jobId, keyHash: hash, itemIds, addTicket },
    setWay: async (linkBack) => void (await open({ ...input, linkBack })),
    board: async () => boardOf(await stage.state(), boardId),
    show: () => stage.untilDone((activities) => showTickets(activities, jobId)),
  };
}

function boardOf({ boards }: { boards: SimulatedBoard[] }, boardId: string): SimulatedBoard {
  const board = boards.find(({ id }) => id === boardId);
  if (!board) throw new Error(`there is no board ${boardId}`);
  return board;
}

/** What workflows/link-back.ts does. */
export async function showTickets(activities: Activities, jobId: string): Promise<void> {
  const left = await activities.openLinkBacks({ jobId });
  for (const open of [...left, ...(left.length > 0 ? [] : await activities.planLinkBack({ jobId }))]) {
    const step = { jobId, number: open.number };
    if (open.way === 'card') await activities.ensureTicketCards(step);
    else if (open.way === 'text') await activities.appendTicketLinks(step);
    else {
      await activities.ensureTicketsFrame(step);
      await activities.ensureTicketRows(step);
      await activities.tagTicketed(step);
    }
  }
}
