/** How two specs of one key differ, part by part: what the caller is told, and what `onChange: 'apply'` has to do. */
import type { Blueprint, BlueprintItem, BoardSpec, Difference } from '../../contract.js';
import { shortened } from '../invalid-input.js';
import { filledSpec } from './fill.js';
import { positionIn } from './geometry.js';
import { memberName } from './spec.js';

export type ChangeKind =
  | 'added'
  | 'removed'
  | 'text'
  | 'moved'
  | 'resized'
  | 'restyled'
  | 'retagged'
  | 'reconnected'
  | 'reordered'
  | 'changed';

/** One difference, with what is needed to apply it. */
export interface SpecChange {
  part: 'board' | 'policy' | 'template' | 'placeholder' | 'record' | 'member' | 'frame' | 'item' | 'connector' | 'tag';
  /** Blueprint id; e-mail or user id of a member; name of a board's or policy's field. */
  id: string;
  kind: ChangeKind;
  field: string;
  before: string;
  after: string;
}

/** One property of a blueprint's part, in words. */
type Property = [kind: ChangeKind, name: string, value: string];
type Facts = Map<string, Property[]>;

/** The differences in plain words, texts shortened; empty when both specs lead to the same board. */
export function differences(before: BoardSpec, after: BoardSpec): Difference[] {
  return changes(before, after).map(({ field, before, after }) => ({
    field,
    before: shortened(before, 80),
    after: shortened(after, 80),
    outcome: 'reported',
  }));
}

/** The same differences with their parts and ids, texts in full. Placeholders are filled in before comparing. */
export function changes(before: BoardSpec, after: BoardSpec): SpecChange[] {
  const [old, now] = [filledSpec(before), filledSpec(after)];
  return [
    ...fieldChanges('board', '', boardFields(old), boardFields(now)),
    ...fieldChanges('policy', 'policy.', leaves(old.policy), leaves(now.policy)),
    ...fieldChanges('record', '', leaves({ recordUrl: old.recordUrl }), leaves({ recordUrl: now.recordUrl })),
    ...templateChanges(old, now),
    ...fieldChanges('member', 'members.', roles(old), roles(now)),
  ];
}

const boardFields = ({ name, description, teamId, projectId }: BoardSpec) =>
  leaves({ name, description, teamId, projectId });

const roles = ({ members = [] }: BoardSpec) => new Map(members.map((member) => [memberName(member), member.role]));

/** The texts and numbers of nested objects by dotted path. */
function leaves(value: object | undefined): Map<string, string> {
  const found = new Map<string, string>();
  for (const [key, inner] of Object.entries(value ?? {}) as [string, unknown][]) {
    if (typeof inner === 'object' && inner !== null) {
      for (const [path, leaf] of leaves(inner)) found.set(`${key}.${path}`, leaf);
    } else if (typeof inner === 'string' || typeof inner === 'number') found.set(key, String(inner));
  }
  return found;
}

function fieldChanges(
  part: SpecChange['part'],
  path: string,
  before: Map<string, string>,
  after: Map<string, string>,
): SpecChange[] {
  return [...new Set([...before.keys(), ...after.keys()])].flatMap((id) => {
    const [old, now] = [before.get(id), after.get(id)];
    if (old === now) return [];
    const kind = old === undefined ? 'added' : now === undefined ? 'removed' : 'changed';
    return [{ part, id, kind, field: path + id, before: old ?? '', after: now ?? '' }];
  });
}

function templateChanges(before: BoardSpec, after: BoardSpec): SpecChange[] {
  if ('blueprint' in before.template && 'blueprint' in after.template) {
    return blueprintChanges(before.template.blueprint, after.template.blueprint);
  }
  const [old, now] = [before, after].map(({ template }) =>
    'copyFrom' in template ? `a copy of ${template.copyFrom}` : 'a blueprint',
  );
  const template = fieldChanges('template', '', leaves({ template: old }), leaves({ template: now }));
  // The texts of a copied board are not known here: its placeholders stand for them.
  return [
    ...template,
    ...fieldChanges('placeholder', 'placeholders.', leaves(before.placeholders), leaves(after.placeholders)),
  ];
}

function blueprintChanges(before: Blueprint, after: Blueprint): SpecChange[] {
  return [
    ...partChanges('frame', frameFacts(before), frameFacts(after)),
    ...partChanges('item', itemFacts(before), itemFacts(after)),
    ...orderChanges(before, after),
    ...partChanges('connector', connectorFacts(before), connectorFacts(after)),
    ...partChanges('tag', tagFacts(before), tagFacts(after)),
  ];
}

function partChanges(part: SpecChange['part'], before: Facts, after: Facts): SpecChange[] {
  return [...new Set([...before.keys(), ...after.keys()])].flatMap((id) => {
    const field = `${part}s.${id}`;
    const [old, now] = [before.get(id), after.get(id)];
    if (!old || !now) {
      return [{ part, id, kind: old ? 'removed' : 'added', field, before: summary(old), after: summary(now) }];
    }
    return now.flatMap(([kind, name, value], i): SpecChange[] => {
      const was = old[i]?.[2] ?? '';
      return was === value ? [] : [{ part, id, kind, field: `${field}.${name}`, before: was, after: value }];
    });
  });
}

/** Every part begins with what it is and what it says. */
const summary = (facts: Property[] | undefined): string =>
  (facts ?? [])
    .slice(0, 2)
    .map(([, , value]) => value)
    .filter((value) => value !== '')
    .join(': ');

function frameFacts({ frames = [] }: Blueprint): Facts {
  return new Map(
    frames.map(({ id, title, position, geometry, style }) => [
      id,
      [
        ['changed', 'type', 'frame'],
        ['text', 'title', title],
        ['moved', 'position', `${position.x}, ${position.y}`],
        ['resized', 'geometry', `${geometry.width} × ${geometry.height}`],
        ['restyled', 'style', inWords(style)],
      ],
    ]),
  );
}

function itemFacts({ items = [], frames = [] }: Blueprint): Facts {
  const place = (item: BlueprintItem): string => {
    const { x, y } = positionIn(
      frames.find(({ id }) => id === item.frame),
      item,
    );
    return `${x}, ${y}${item.frame === undefined ? '' : ` in ${item.frame}`}`;
  };
  return new Map(
    items.map((item) => [
      item.id,
      [
        ['changed', 'type', item.type.replace('_', ' ')],
        ['text', item.type === 'card' ? 'title' : 'content', (item.type === 'card' ? item.title : item.content) ?? ''],
        ['text', 'description', item.description ?? ''],
        ['moved', 'position', place(item)],
        ['resized', 'geometry', inWords(item.geometry)],
        ['restyled', 'style', inWords({ shape: item.shape, ...item.style })],
        ['changed', 'dueDate', item.dueDate ?? ''],
        ['retagged', 'tags', [...(item.tags ?? [])].sort().join(', ')],
      ],
    ]),
  );
}

function connectorFacts({ connectors = [] }: Blueprint): Facts {
  return new Map(
    connectors.map(({ id, from, to, shape, caption, style }) => [
      id,
      [
        ['reconnected', 'ends', `${from} → ${to}`],
        ['text', 'caption', caption ?? ''],
        ['restyled', 'style', inWords({ shape, ...style })],
      ],
    ]),
  );
}

function tagFacts({ tags = [] }: Blueprint): Facts {
  return new Map(
    tags.map(({ id, title, fillColor }) => [
      id,
      [
        ['text', 'title', title],
        ['restyled', 'fillColor', fillColor ?? ''],
      ],
    ]),
  );
}

/** What lies above what has changed, among the items of both. */
function orderChanges(before: Blueprint, after: Blueprint): SpecChange[] {
  const ids = ({ items = [] }: Blueprint): string[] => items.map(({ id }) => id);
  const common = (own: string[], other: string[]): string => own.filter((id) => other.includes(id)).join(', ');
  const [old, now] = [common(ids(before), ids(after)), common(ids(after), ids(before))];
  return old === now ? [] : [{ part: 'item', id: '', kind: 'reordered', field: 'items', before: old, after: now }];
}

const inWords = (value: object | undefined): string =>
  [...leaves(value)]
    .map(([key, field]) => `${key} ${field}`)
    .sort()
    .join(', ');
