/** A spec as the requests that will be sent: what `--plan` shows is what a run writes. */
import type { BlueprintConnector, BoardPolicy, BoardRole, BoardSpec, MemberInput } from '../../contract.js';
import { filledSpec } from './fill.js';
import { toHtml } from './html.js';
import type { CardMarker, PlannedItem } from './planned-items.js';
import { plannedItems, plannedRecord, withMarker } from './planned-items.js';
import { canonicalJson } from './spec.js';

export { RECORD_ID, RECORD_SIZE, itemBody } from './planned-items.js';
export type { ItemBody, PlannedItem } from './planned-items.js';

/** Miro's limit for bulk create and for the e-mails of one share. */
const CHUNK = 20;

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
  /** Without it cards carry no marker. */
  cardMarker?: CardMarker;
  credits: PlanCredits;
}

/** What the activities write for a checked spec. Pure: the same spec and options give the same plan. */
export function planBoard(spec: BoardSpec, options: PlanOptions): BoardPlan {
  const filled = filledSpec(spec);
  const blueprint = 'blueprint' in filled.template ? filled.template.blueprint : undefined;
  const items = plannedItems(blueprint, options.cardMarker);
  const plan: Omit<BoardPlan, 'steps' | 'credits'> = {
    board: plannedBoard(filled, options.marker),
    batches: batched(items),
    connectors: (blueprint?.connectors ?? []).map(plannedConnector),
    tags: (blueprint?.tags ?? []).map(({ id, title, fillColor }) => ({
      id,
      body: { title, ...(fillColor && { fillColor }) },
    })),
    attachments: items.flatMap(({ id, tags }) => tags.map((tagId) => ({ itemId: id, tagId }))),
    members: plannedMembers(filled.members ?? []),
    ...(filled.recordUrl && { record: plannedRecord(filled.recordUrl, blueprint, options.cardMarker) }),
  };
  const steps = stepsOf(plan, options.credits);
  return { ...plan, steps, credits: steps.reduce((sum, { credits }) => sum + credits, 0) };
}

/** Canonical text of a plan; its hash binds an approval or `--plan-hash` to exactly these writes. */
export const planText = (plan: BoardPlan): string => canonicalJson(plan);

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

function plannedConnector({ id, from, to, shape, caption, style }: BlueprintConnector): PlannedConnector {
  const body = {
    ...(shape && { shape }),
    ...(caption && { captions: [{ content: toHtml(caption) }] }),
    ...(style && { style }),
  };
  return { id, from, to, body };
}

/** Chunks of 20 in the given order; frames are apart, since items need their ids, and each `single` item is alone. */
function batched(items: PlannedItem[]): PlannedItem[][] {
  const batches: PlannedItem[][] = [];
  for (const item of items) {
    const last = batches.at(-1);
    const before = last?.at(-1);
    const apart = item.single || before?.single || (before?.body.type === 'frame') !== (item.body.type === 'frame');
    if (!last || apart || last.length === CHUNK) batches.push([item]);
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
