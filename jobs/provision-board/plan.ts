/** A spec as the requests that will be sent: what `--plan` shows is what a run writes. */
import type {
  Blueprint,
  BlueprintConnector,
  BlueprintFrame,
  BlueprintItem,
  BoardPolicy,
  BoardRole,
  BoardSpec,
  MemberInput,
} from '../../contract.js';
import { filledSpec } from './fill.js';
import type { Box, Point } from './geometry.js';
import { besideContent, canvasBox, frameBox, positionIn } from './geometry.js';
import { escapeHtml, toHtml } from './html.js';
import { canonicalJson } from './spec.js';
import { FLOWCHART_SHAPES } from './styles.js';

/** Miro's limit for bulk create and for the e-mails of one share. */
const CHUNK = 20;
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

export interface PlannedConnector {
  id: string;
  /** Blueprint ids of the ends. */
  from: string;
  to: string;
  /** Without its ends, see {@link connectorBody}. */
  body: { shape?: string; captions?: { content: string }[]; style?: Record<string, string> };
}

export interface PlannedTag {
  id: string;
  body: { title: string; fillColor?: string };
}

export interface BoardPlan {
  /** `copyFrom`: PUT with copy_from, which takes no `projectId`; that needs an update afterwards. */
  board: {
    name: string;
    description: string;
    copyFrom?: string;
    teamId?: string;
    projectId?: string;
    policy?: BoardPolicy;
  };
  /** At most 20 each, to be sent in this order: frames first, then items from bottom to top. */
  batches: PlannedItem[][];
  connectors: PlannedConnector[];
  tags: PlannedTag[];
  attachments: { itemId: string; tagId: string }[];
  /** Card that links to the caller's record; on a copied board place it by {@link besideContent}. */
  record?: PlannedItem;
  /** `shares`: at most 20 e-mails of one role each. `byId`: members whose role is set by user id. */
  members: { shares: { role: BoardRole; emails: string[] }[]; byId: { userId: string; role: BoardRole }[] };
  steps: PlanStep[];
  credits: number;
}

export interface PlanStep {
  step: string;
  count: number;
  credits: number;
  detail?: string;
}

/** Credits of one call of each kind (of one item, for `item`). */
export interface PlanCredits {
  boardCreate: number;
  boardCopy: number;
  boardUpdate: number;
  item: number;
  connector: number;
  tag: number;
  attach: number;
  share: number;
  memberUpdate: number;
}

export interface PlanOptions {
  /** The job's marker, e.g. `[tm:0123456789abcdef0123.1]`: the tail of the board's description. */
  marker: string;
  /** Marker of a card by its id in the plan: the tail of its description. Without it cards carry none. */
  cardMarker?: (id: string) => string;
  credits: PlanCredits;
}

/** What the activities write for a checked spec. Pure: the same spec and options give the same plan. */
export function planBoard(spec: BoardSpec, options: PlanOptions): BoardPlan {
  const filled = filledSpec(spec);
  const blueprint = 'blueprint' in filled.template ? filled.template.blueprint : undefined;
  const items = (blueprint?.items ?? []).map((item) => plannedItem(item, frameOf(blueprint, item), options));
  const plan: Omit<BoardPlan, 'steps' | 'credits'> = {
    board: plannedBoard(filled, options.marker),
    batches: [...batched((blueprint?.frames ?? []).map(plannedFrame)), ...batched(items)],
    connectors: (blueprint?.connectors ?? []).map(plannedConnector),
    tags: (blueprint?.tags ?? []).map(({ id, title, fillColor }) => ({
      id,
      body: { title, ...(fillColor && { fillColor }) },
    })),
    attachments: items.flatMap(({ id, tags }) => tags.map((tagId) => ({ itemId: id, tagId }))),
    members: plannedMembers(filled.members ?? []),
    ...(filled.recordUrl && { record: plannedRecord(filled.recordUrl, contentOf(blueprint), options) }),
  };
  const steps = stepsOf(plan, options.credits);
  return { ...plan, steps, credits: steps.reduce((sum, { credits }) => sum + credits, 0) };
}

/** Canonical text of a plan; its hash binds an approval or `--plan-hash` to exactly these writes. */
export const planText = (plan: BoardPlan): string => canonicalJson(plan);

/** Body to send, with the Miro id of the frame that holds the item. */
export const itemBody = ({ body }: PlannedItem, parentId?: string): ItemBody & { parent?: { id: string } } =>
  parentId === undefined ? body : { ...body, parent: { id: parentId } };

/** Body to send, with the Miro ids of the ends. */
export const connectorBody = ({ body }: PlannedConnector, ends: { from: string; to: string }) => ({
  ...body,
  startItem: { id: ends.from },
  endItem: { id: ends.to },
});

function plannedBoard(
  { name, description, template, teamId, projectId, policy }: BoardSpec,
  marker: string,
): BoardPlan['board'] {
  return {
    name,
    description: withMarker(description, marker),
    ...('copyFrom' in template && { copyFrom: template.copyFrom }),
    ...(teamId && { teamId }),
    ...(projectId && { projectId }),
    ...(policy && { policy }),
  };
}

const withMarker = (text: string | undefined, marker: string): string => (text ? `${text} ${marker}` : marker);

function plannedFrame({ id, title, position, geometry, style }: BlueprintFrame): PlannedItem {
  const data = { title, format: 'custom', type: 'freeform' };
  return {
    id,
    tags: [],
    body: { type: 'frame', data, ...(style && { style }), position: { ...position }, geometry: { ...geometry } },
  };
}

function plannedItem(item: BlueprintItem, frame: BlueprintFrame | undefined, { cardMarker }: PlanOptions): PlannedItem {
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

function plannedConnector({ id, from, to, shape, caption, style }: BlueprintConnector): PlannedConnector {
  const body = {
    ...(shape && { shape }),
    ...(caption && { captions: [{ content: toHtml(caption) }] }),
    ...(style && { style }),
  };
  return { id, from, to, body };
}

function plannedRecord(url: string, content: Box[], { cardMarker }: PlanOptions): PlannedItem {
  const address = escapeHtml(url);
  const link = `<a href="${address}">${address}</a>`;
  const marker = cardMarker?.(RECORD_ID);
  const description = marker === undefined ? link : withMarker(link, marker);
  const data = { title: `Record: ${escapeHtml(new URL(url).host)}`, description };
  return {
    id: RECORD_ID,
    tags: [],
    body: { type: 'card', data, position: besideContent(content, RECORD_SIZE), geometry: RECORD_SIZE },
  };
}

const frameOf = (blueprint: Blueprint | undefined, item: BlueprintItem): BlueprintFrame | undefined =>
  blueprint?.frames?.find(({ id }) => id === item.frame);

function contentOf(blueprint: Blueprint | undefined): Box[] {
  const items = (blueprint?.items ?? []).map((item) => canvasBox(frameOf(blueprint, item), item));
  return [...(blueprint?.frames ?? []).map(frameBox), ...items];
}

/** Chunks of 20 in the given order; a `single` item closes the chunk before it. */
function batched(items: PlannedItem[]): PlannedItem[][] {
  const batches: PlannedItem[][] = [];
  for (const item of items) {
    const last = batches.at(-1);
    if (!last || last.length === CHUNK || item.single || last[0]?.single) batches.push([item]);
    else last.push(item);
  }
  return batches;
}

function plannedMembers(members: MemberInput[]): BoardPlan['members'] {
  const roles = [...new Set(members.map(({ role }) => role))];
  const shares = roles.flatMap((role) => {
    const emails = members.flatMap((member) => (member.role === role && member.email ? [member.email] : []));
    const chunks = Array.from({ length: Math.ceil(emails.length / CHUNK) }, (_, i) =>
      emails.slice(i * CHUNK, (i + 1) * CHUNK),
    );
    return chunks.map((chunk) => ({ role, emails: chunk }));
  });
  return { shares, byId: members.flatMap(({ userId, role }) => (userId ? [{ userId, role }] : [])) };
}

function stepsOf(plan: Omit<BoardPlan, 'steps' | 'credits'>, cost: PlanCredits): PlanStep[] {
  const { board, batches, connectors, tags, attachments, record, members } = plan;
  const step = (name: string, count: number, each: number, detail?: string): PlanStep[] =>
    count === 0 ? [] : [{ step: name, count, credits: count * each, ...(detail && { detail }) }];
  const items = batches.flat();
  const frames = items.filter(({ body }) => body.type === 'frame').length;
  return [
    ...(board.copyFrom
      ? step('copy board', 1, cost.boardCopy, `from ${board.copyFrom}`)
      : step('create board', 1, cost.boardCreate)),
    ...step('put board into project', board.copyFrom && board.projectId ? 1 : 0, cost.boardUpdate),
    ...step('create frames', frames, cost.item),
    ...step('create items', items.length - frames, cost.item),
    ...step('create connectors', connectors.length, cost.connector),
    ...step('create tags', tags.length, cost.tag),
    ...step('attach tags', attachments.length, cost.attach),
    ...step('create record card', record ? 1 : 0, cost.item),
    ...members.shares.flatMap(({ role, emails }) =>
      step(`share as ${role}`, 1, cost.share, `${emails.length} e-mails`),
    ),
    ...step('set member roles', members.byId.length, cost.memberUpdate),
  ];
}
