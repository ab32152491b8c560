/** Deciding how tickets are to show on the board, before anything of it is written. */
import type { LinkBack, RetroToTicketsInput } from '../contract-retro.js';
import {
  planCards,
  planList,
  planTexts,
  TICKETED,
  type ListBoard,
  type Planned,
  type Shown,
  type ShownTicket,
  type TextPlan,
} from '../jobs/retro-to-tickets/link-back.js';
import { itemUrl } from '../jobs/retro-to-tickets/item-url.js';
import { byId } from '../jobs/provision-board/found.js';
import { matchTag } from '../jobs/provision-board/recognise.js';
import { items, tags, type Item } from '../miro/index.js';
import { findJob } from '../store/jobs.js';
import {
  addLinkBacks,
  linkBacksOf,
  shownItems,
  subjectOf,
  type LinkBackInfo,
  type NewLinkBack,
  type Way,
} from '../store/link-backs.js';
import { linksOf, type StoredLink } from '../store/ticket-links.js';
import { boxesOf } from './board-boxes.js';
import type { Caller } from './calls.js';
import { retryLater } from './failure.js';
import { all, itemsOnBoard } from './found-items.js';
import { callerFor, type CallingDeps } from './job-context.js';
import { foundOnBoard } from './link-back-found.js';
import { loadRetro, type PlanContext, type RetroContext } from './retro-context.js';

/** One link back that is to be written. */
export interface OpenLinkBack {
  number: number;
  way: Way;
}

export const createLinkBackPlanActivities = (deps: CallingDeps) => ({
  /** What an earlier run has decided and not written to its end. Reads the store only. */
  async openLinkBacks({ jobId }: { jobId: string }): Promise<OpenLinkBack[]> {
    const known = await linkBacksOf(deps.db, { jobId });
    return known.flatMap(({ number, way, state }) => (state === 'open' ? [{ number, way }] : []));
  },

  /** Decides how the tickets show that have no place on the board yet. Reads the board, writes to the store only. */
  async planLinkBack({ jobId }: { jobId: string }): Promise<OpenLinkBack[]> {
    const ctx = await loadRetro(deps, jobId);
    const known = await linkBacksOf(deps.db, { jobId });
    const live = await linksOf(deps.db, ctx.job);
    const links = unplaced(live, known).filter(({ goneAt }) => !goneAt);
    const way = wayOf(ctx.options);
    if (way === 'none' || links.length === 0) return [];
    const after = known.at(-1)?.number ?? 0;
    const added = await planned(deps, ctx, { way, links: links.toSorted(byAge), live }, after + 1);
    const { tenantId } = ctx.job;
    if (!(await addLinkBacks(deps.db, { tenantId, jobId, after }, added)))
      throw retryLater('Effect.superseded', 'another attempt has planned the link backs', 1);
    return added.flatMap(({ way, state }, i) => (state === 'open' ? [{ number: after + 1 + i, way }] : []));
  },
});

const wayOf = ({ linkBack }: RetroToTicketsInput): LinkBack => linkBack ?? 'list';

/** A duplicate of a board brings what shows its tickets along. */
function unplaced(links: StoredLink[], known: LinkBackInfo[]): StoredLink[] {
  const placed = new Set(known.flatMap(({ state, subjects }) => (state === 'dropped' ? [] : subjects)));
  return links.filter((link) => link.outcome !== 'same_as' && !placed.has(subjectOf(link)));
}

/** Items with a ticket of an earlier run that a run with this plan is to show. Store only. */
export async function unshownItems(
  { db }: Pick<CallingDeps, 'db'>,
  { plan, input }: PlanContext,
): Promise<ReadonlySet<string>> {
  const job = wayOf(input) === 'none' ? undefined : await findJob(db, plan);
  if (!job) return new Set();
  const [links, known] = await Promise.all([linksOf(db, plan), linkBacksOf(db, job)]);
  return new Set(unplaced(links, known).map(({ itemId }) => itemId));
}

/** In the order of the plan, as far as several at a time keep it. */
const byAge = (a: StoredLink, b: StoredLink): number =>
  a.madeAt.getTime() - b.madeAt.getTime() || (a.itemId < b.itemId ? -1 : 1);

const shownTicket = ({ itemId, episode, title, ticket: { key, url } }: StoredLink): ShownTicket => ({
  ...{ itemId, episode, key, title },
  ...(url === undefined ? {} : { ticketUrl: url }),
});

interface ToShow {
  way: Way;
  links: StoredLink[];
  /** All of the job. */
  live: StoredLink[];
}

async function planned(
  deps: CallingDeps,
  ctx: RetroContext,
  { way, links, live }: ToShow,
  number: number,
): Promise<NewLinkBack[]> {
  const asNew = (plans: Planned<object>[]): NewLinkBack[] =>
    plans.map(({ tickets, plan }) => ({ way, state: 'open', subjects: tickets.map(subjectOf), plan }));
  // Only a ticket that was there before the store knew of it can be shown already.
  const recognised = links.filter(({ outcome }) => outcome === 'found');
  if (way === 'text' && recognised.length === 0) return asNew(planTexts(links.map(shownTicket)));
  const caller = callerFor(deps, ctx, 'link-back');
  const onBoard = await itemsOnBoard(caller, ctx.boardId);
  const before = foundOnBoard(deps, ctx, onBoard, recognised).shown;
  const noted = before.size > 0 ? [leftAsShown([...before])] : [];
  const tickets = links.filter((link) => !before.has(subjectOf(link))).map(shownTicket);
  if (tickets.length === 0) return noted;
  if (way === 'text') return [...noted, ...asNew(planTexts(tickets))];
  const board = shown(onBoard);
  if (way === 'card') return [...noted, ...asNew(planCards(tickets, board))];
  const lists = planList(tickets, await listBoard(deps, ctx, { caller, board, onBoard, live }), number + noted.length);
  return [...noted, ...asNew(lists)];
}

/** Nothing is written, and nothing is there for an undo to take away. */
const leftAsShown = (subjects: string[]): NewLinkBack => ({ way: 'text', state: 'done', subjects, plan: planOfNone });
const planOfNone: TextPlan = { tickets: [] };

const shown = (onBoard: Item[]): Shown => ({
  boxes: boxesOf(onBoard),
  items: new Map(onBoard.map((item) => [item.id, item])),
  watermark: onBoard.toSorted(byId).at(-1)?.id ?? '0',
});

interface BoardAsRead {
  caller: Caller;
  board: Shown;
  onBoard: Item[];
  live: StoredLink[];
}

async function listBoard(
  deps: CallingDeps,
  ctx: RetroContext,
  { caller, board, onBoard, live }: BoardAsRead,
): Promise<ListBoard> {
  const { job, boardId, url } = ctx;
  const [ours, tagsOnBoard] = await Promise.all([shownItems(deps.db, job), all(caller, tags.list(boardId))]);
  const match = matchTag(TICKETED, tagsOnBoard);
  const tag = match.kind === 'made' ? match.id : undefined;
  const tagged = tag === undefined ? [] : await all(caller, items.list(boardId, { tagId: tag }));
  const made = onBoard.filter(({ id, type }) => type === 'frame' && ours.has(id)).toSorted(byId);
  const frame = made.at(-1)?.id ?? foundOnBoard(deps, ctx, onBoard, live).frame;
  return {
    ...board,
    tagged: new Set(tagged.map(({ id }) => id)),
    urlOf: (itemId) => itemUrl({ url }, itemId),
    ...(frame === undefined ? {} : { frame }),
    ...(tag === undefined ? {} : { tag }),
  };
}
