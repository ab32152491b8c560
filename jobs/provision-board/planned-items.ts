/** The items of a blueprint, and the record card, as the bodies that are sent. */
import type { Blueprint, BlueprintFrame, BlueprintItem } from '../../contract.js';
import type { Box, Point } from './geometry.js';
import { besideContent, canvasBox, frameBox, positionIn } from './geometry.js';
import { escapeHtml, toHtml } from './html.js';
import { FLOWCHART_SHAPES } from './styles.js';

/** Blueprint ids never begin with `@`. */
export const RECORD_ID = '@record';
export const RECORD_SIZE = { width: 320, height: 94 };

/** Body of an item, without its parent. */
export interface ItemBody {
  type: 'frame' | BlueprintItem['type'];
  data: Record<string, string>;
  style?: Record<string, string>;
  position: Point;
  geometry?: { width?: number; height?: number; rotation?: number };
}

export interface PlannedItem {
  /** Id in the blueprint, or {@link RECORD_ID}. */
  id: string;
  /** Blueprint id of the frame that holds it: `parent` once its Miro id is known, see {@link itemBody}. */
  frame?: string;
  tags: string[];
  body: ItemBody;
  /** A flowchart shape: bulk create does not list it, so it is alone in its batch and goes to `POST …/shapes`. */
  single?: true;
}

/** Marker of a card by its id in the plan: the tail of its description. */
export type CardMarker = ((id: string) => string) | undefined;

/** Body to send, with the Miro id of the frame that holds the item. */
export const itemBody = ({ body }: PlannedItem, parentId?: string): ItemBody & { parent?: { id: string } } =>
  parentId === undefined ? body : { ...body, parent: { id: parentId } };

/** The frames first, then the items from bottom to top. */
export function plannedItems(blueprint: Blueprint | undefined, cardMarker: CardMarker): PlannedItem[] {
  const items = (blueprint?.items ?? []).map((item) => plannedItem(item, frameOf(blueprint, item), cardMarker));
  return [...(blueprint?.frames ?? []).map(plannedFrame), ...items];
}

/** The card that links to the caller's record, beside what the blueprint draws. */
export function plannedRecord(url: string, blueprint: Blueprint | undefined, cardMarker: CardMarker): PlannedItem {
  const address = escapeHtml(url);
  const link = `<a href="${address}">${address}</a>`;
  const marker = cardMarker?.(RECORD_ID);
  const description = marker === undefined ? link : withMarker(link, marker);
  const data = { title: `Record: ${escapeHtml(new URL(url).host)}`, description };
  return {
    id: RECORD_ID,
    tags: [],
    body: { type: 'card', data, position: besideContent(contentOf(blueprint), RECORD_SIZE), geometry: RECORD_SIZE },
  };
}

/** Text that carries a marker at its end. */
export const withMarker = (text: string | undefined, marker: string): string => (text ? `${text} ${marker}` : marker);

function plannedFrame({ id, title, position, geometry, style }: BlueprintFrame): PlannedItem {
  const data = { title, format: 'custom', type: 'freeform' };
  return {
    id,
    tags: [],
    body: { type: 'frame', data, ...(style && { style }), position: { ...position }, geometry: { ...geometry } },
  };
}

function plannedItem(item: BlueprintItem, frame: BlueprintFrame | undefined, cardMarker: CardMarker): PlannedItem {
  const style = item.type === 'shape' ? shapeStyle(item) : item.style;
  const body: ItemBody = {
    type: item.type,
    data: item.type === 'card' ? cardData(item, cardMarker?.(item.id)) : contentData(item),
    ...(style && { style }),
    position: positionIn(frame, item),
    ...(item.geometry && { geometry: { ...item.geometry } }),
  };
  const single = FLOWCHART_SHAPES.includes(item.shape ?? '');
  return { id: item.id, ...(frame && { frame: frame.id }), tags: item.tags ?? [], body, ...(single && { single }) };
}

function contentData({ content, shape }: BlueprintItem): Record<string, string> {
  return { ...(content !== undefined && { content: toHtml(content) }), ...(shape && { shape }) };
}

function cardData({ title, description, dueDate }: BlueprintItem, marker: string | undefined): Record<string, string> {
  const text = description === undefined ? undefined : toHtml(description);
  const marked = marker === undefined ? text : withMarker(text, marker);
  return {
    ...(title !== undefined && { title: toHtml(title) }),
    ...(marked !== undefined && { description: marked }),
    ...(dueDate && { dueDate }),
  };
}

// Left open, Miro takes an opacity of 0 for borders, and for fills too unless a colour is sent.
function shapeStyle({ style = {} }: BlueprintItem): Record<string, string> {
  return { borderOpacity: '1.0', ...(style['fillColor'] && { fillOpacity: '1.0' }), ...style };
}

const frameOf = (blueprint: Blueprint | undefined, item: BlueprintItem): BlueprintFrame | undefined =>
  blueprint?.frames?.find(({ id }) => id === item.frame);

function contentOf(blueprint: Blueprint | undefined): Box[] {
  const items = (blueprint?.items ?? []).map((item) => canvasBox(frameOf(blueprint, item), item));
  return [...(blueprint?.frames ?? []).map(frameBox), ...items];
}
