/** A retro board whose stickies have tickets, as the steps before a link back leave them. */
import { randomUUID } from 'node:crypto';
import type { LinkBack, RetroToTicketsInput, UndoRetroInput } from '../../contract-retro.js';
import type { Activities } from '../../activities/index.js';
import { keyHash } from '../../ids.js';
import { retroKey } from '../../jobs/retro-to-tickets/key.js';
import { one } from '../../store/db.js';
import { openJob, setJobBoard } from '../../store/jobs.js';
import { linksOfItems, saveLink, type StoredLink } from '../../store/ticket-links.js';
import { builtinTable } from '../../store/tickets.js';
import type { BuiltinTable } from '../../tickets/builtin.js';
import { opened } from '../store/database.js';
import type { SimulatedBoard, Stage } from './stage.js';
import { TROUBLES } from './troubles.js';

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
  /** The tracker's. */
  table: BuiltinTable;
  ticketOf(itemId: string): Promise<StoredLink>;
  /** All steps of a link back, in the order of the workflow. */
  show(): Promise<void>;
}

/** What happens most; the others are tried where an effect is looked for, not read. */
export const COMMON_TROUBLES = TROUBLES.filter(({ title }) =>
  /runs twice|run at once|killed|answer is lost/.test(title),
);

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
  const open = async (options: RetroToTicketsInput, runId: string = randomUUID()) =>
    opened(
      await openJob(db, {
        ...{ tenantId, kind: 'retroToTickets', keyHash: hash, workflowId: `retro:${tenant}`, runId, repeat: true },
        ...{ spec: {}, specHash: 'h', options },
      }),
    );
  const { jobId } = await open(input, runId);
  await setJobBoard(db, { jobId, boardId, url: `https://miro.com/app/board/${boardId}/` });
  const table = builtinTable(db, { tenantId, tracker: 'builtin' });
  const itemIds: string[] = [];
  const addTicket: RetroBoard['addTicket'] = async (title, { itemId, episode = 1 } = {}) => {
    const n = itemIds.length;
    const at = PLACE(n);
    const id = itemId ?? (await stage.act('add-sticky', { boardId, content: title, position: at })).id;
    itemIds.push(id);
    const marker = `tm-${id}-${episode}`;
    const made = await table.create({ marker, title, body: title, labels: [], sourceUrl: 'https://miro.com/' });
    const ticket = { id: made.id, key: KEY(n), url: URL_OF(n) };
    const revision = made.revision;
    const link = {
      tenantId,
      keyHash: hash,
      itemId: id,
      episode,
      jobId,
      runId,
      outcome: 'made' as const,
      ticket,
      revision,
    };
    await saveLink(db, { ...link, title, words: title, fingerprint: title, ...at });
    return id;
  };
  for (let n = 0; n < tickets; n += 1) await addTicket(`Idea ${n}`);
  return {
    ...{ boardId, jobId, keyHash: hash, itemIds, table, addTicket },
    ticketOf: async (itemId) => one(await linksOfItems(db, { tenantId, keyHash: hash, itemIds: [itemId] })),
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

/** What workflows/undo-retro.ts does before it tidies up. @returns the run that was taken back */
export async function undoTickets(activities: Activities, input: UndoRetroInput): Promise<string | undefined> {
  const { jobId } = await activities.openUndoRetro({ input });
  await activities.settleClaims({ jobId });
  const { undone } = await activities.runToUndo({ jobId, runId: input.runId });
  if (undone === undefined) return undefined;
  for (let from: number | undefined = 0; from !== undefined;)
    from = (await activities.takeBackTickets({ jobId, undone, from })).next;
  for (const { number, way } of await activities.linkBacksToHide({ jobId, undone })) {
    const step = { jobId, undone, number };
    if (way === 'card') await activities.hideTicketCards(step);
    else if (way === 'text') await activities.removeTicketLinks(step);
    else {
      await activities.hideTicketRows(step);
      await activities.untagTickets(step);
    }
  }
  await activities.noteTakenBack({ jobId, undone });
  return undone;
}
