/** What is written on the board to show tickets. Pure: the same board and tickets give the same plans. */
import type { LinkBack, PlanRow } from '../../contract-retro.js';
import type { Box, Point, Size } from '../provision-board/geometry.js';
import { escapeHtml } from '../provision-board/html.js';
import { withMarker, type PlannedItem } from '../provision-board/planned-items.js';
import { CARD_SIZE, placeCard } from './card-place.js';
import { inTexts, rowsHtml } from './row-html.js';
import { newFrame, roomIn, TEXT_STYLE, TEXT_WIDTH, textPlace, type Room } from './tickets-frame.js';

export const TICKETED = 'ticketed';
export const FRAME_TITLE = 'Tickets';

/** A ticket that is to be shown at its item. */
export interface ShownTicket {
  itemId: string;
  episode: number;
  key: string;
  /** Absent where the tracker has no page for it. */
  ticketUrl?: string;
  title: string;
}

/** Either is there already, or is made under the number of the link back that needs it first. */
export type Maker = { id: string } | { number: number };

/** Rows, up to 20 texts of them in one frame, and a tag. */
export interface ListPlan {
  /** Highest item id on the board before. */
  watermark: string;
  tag: Maker;
  /** Items that get the tag: those that can have one, and do not have it by a person's hand. */
  toTag: string[];
  /** Items of types that Miro hangs no tags on. */
  untaggable: string[];
  frame: Maker;
  /** Where a new frame goes. */
  frameBox?: Box;
  /** What the frame must have, or grow to. */
  frameSize: Size;
  texts: { place: Point; rows: (ShownTicket & { url: string })[] }[];
}

export interface CardPlan {
  watermark: string;
  cards: (ShownTicket & { position: Point })[];
}

export interface TextPlan {
  tickets: ShownTicket[];
}

/** The board as it is before. */
export interface Shown {
  /** Of every item, on the canvas. */
  boxes: ReadonlyMap<string, Box>;
  items: ReadonlyMap<string, { type: string }>;
  /** Highest item id. */
  watermark: string;
}

export interface ListBoard extends Shown {
  /** The frame of earlier runs that is still there; the newest one. */
  frame?: string;
  /** The tag, if there is one, and who has it. */
  tag?: string;
  tagged: ReadonlySet<string>;
  /** Address of one item on the board. */
  urlOf(itemId: string): string;
}

/** What is written together: a plan and its tickets. */
export interface Planned<Plan> {
  tickets: ShownTicket[];
  plan: Plan;
}

/** Miro's limit for bulk create. */
const BULK = 20;
const TAGGABLE = new Set(['sticky_note', 'card']);

/** Rows in a frame and a tag on each item. @param number of the first of the plans. */
export function planList(tickets: ShownTicket[], board: ListBoard, number: number): Planned<ListPlan>[] {
  const texts = inTexts(tickets.map((ticket) => ({ ...ticket, url: ticket.ticketUrl ?? board.urlOf(ticket.itemId) })));
  const { place, ...frame } = framePlan(board, number, texts.length);
  const placed = texts.map((rows, i) => ({ rows, place: place(i, rows.length) }));
  return chunks(placed, BULK).map((texts) => {
    const tickets = texts.flatMap(({ rows }) => rows);
    const untagged = tickets.flatMap(({ itemId }) => {
      const item = board.items.get(itemId);
      return item && !board.tagged.has(itemId) ? [{ itemId, canHave: TAGGABLE.has(item.type) }] : [];
    });
    const idsOf = (wanted: boolean) => untagged.flatMap(({ itemId, canHave }) => (canHave === wanted ? [itemId] : []));
    const tag = board.tag === undefined ? { number } : { id: board.tag };
    const tagging = { tag, toTag: idsOf(true), untaggable: idsOf(false) };
    return { tickets, plan: { watermark: board.watermark, ...tagging, ...frame, texts } };
  });
}

type FramePlan = Pick<ListPlan, 'frame' | 'frameBox' | 'frameSize'> & { place: (text: number, lines: number) => Point };

/** The frame that is there, if it has room or can grow; else a new one beside everything. */
function framePlan({ boxes, frame: id }: ListBoard, number: number, texts: number): FramePlan {
  const placeIn =
    ({ cells }: Room): FramePlan['place'] =>
    (text, lines) =>
      textPlace(cells[text] as Point, lines);
  const known = id === undefined ? undefined : boxes.get(id);
  if (id !== undefined && known) {
    const others = [...boxes].flatMap(([other, box]) => (other === id ? [] : [box]));
    const room = roomIn(known, others, texts);
    if (room) return { frame: { id }, frameSize: room.size, place: placeIn(room) };
  }
  const frameBox = newFrame([...boxes.values()], texts);
  const room = roomIn(frameBox, [], texts) as Room; // it was made for them
  return { frame: { number }, frameBox, frameSize: room.size, place: placeIn(room) };
}

/** What one call costs, in credits. */
export interface ShowingCredits {
  /** Making or changing an item; of several made at once, each. */
  item: number;
  tag: number;
  attach: number;
}

/**
 * What showing so many new tickets writes, in credits: for a list a tag, hung on each item that can have one, a frame, and texts of rows; else a
 * card, or a change, each. A tag and a frame that are there already cost as much less, or the frame as much again where it grows.
 */
export function showingCredits(
  way: LinkBack,
  shown: readonly Pick<PlanRow, 'title' | 'url' | 'type'>[],
  { item, tag, attach }: ShowingCredits,
): number {
  if (way === 'none' || shown.length === 0) return 0;
  if (way !== 'list') return shown.length * item;
  const texts = inTexts(shown.map(({ title, url }) => ({ title, url, key: '' }))).length;
  const taggable = shown.filter(({ type }) => TAGGABLE.has(type)).length;
  return item + texts * item + (taggable === 0 ? 0 : tag + taggable * attach);
}

/** A card beside each item that is on the board. */
export function planCards(tickets: ShownTicket[], board: Shown): Planned<CardPlan>[] {
  const content = [...board.boxes.values()];
  const cards = tickets.flatMap((ticket) => {
    const item = board.boxes.get(ticket.itemId);
    if (!item) return [];
    const position = placeCard(item, content);
    content.push({ ...position, ...CARD_SIZE });
    return [{ ...ticket, position }];
  });
  return chunks(cards, BULK).map((cards) => ({ tickets: cards, plan: { watermark: board.watermark, cards } }));
}

/** The link in each item's own text. */
export const planTexts = (tickets: ShownTicket[]): Planned<TextPlan>[] =>
  chunks(tickets, BULK).map((tickets) => ({ tickets, plan: { tickets } }));

/** The frame as it is sent. */
export const frameBody = ({ x, y, width, height }: Box) => ({
  data: { title: FRAME_TITLE, format: 'custom', type: 'freeform' },
  ...{ position: { x, y }, geometry: { width, height } },
});

/** The texts of a list as they are sent; `frame` is what they know their frame by. */
export const plannedTexts = ({ texts }: ListPlan): PlannedItem[] =>
  texts.map(({ place, rows }, i) => {
    const data = { content: rowsHtml(rows) };
    const body = { type: 'text' as const, data, style: TEXT_STYLE, position: place, geometry: { width: TEXT_WIDTH } };
    return { id: String(i), frame: 'frame', tags: [], body };
  });

/** A ticket's card as it is sent. @param marker the tail of its description. */
export function cardBody({ key, ticketUrl, title, position }: CardPlan['cards'][number], marker: string) {
  const name = escapeHtml(key);
  const link = ticketUrl === undefined ? name : `<a href="${escapeHtml(ticketUrl)}">${name}</a>`;
  const data = { title: `${name} ${escapeHtml(title)}`, description: withMarker(`${link} · open`, marker) };
  return { type: 'card' as const, data, position, geometry: CARD_SIZE };
}

function chunks<T>(all: readonly T[], most: number): T[][] {
  return Array.from({ length: Math.ceil(all.length / most) }, (_, i) => all.slice(i * most, (i + 1) * most));
}
