/** What a plan must know of a tracker; this folder imports no tracker. */
import type { RetroEdits, RowEdit, TicketFields, TicketMapping } from '../../contract-retro.js';
import { RetroRefused } from './refusal.js';

export interface TrackerFacts {
  /** The tenant's name for it. */
  name: string;
  kind: string;
  capabilities: { fields: readonly string[]; ownFields: boolean };
}

/** @throws RetroRefused naming every field of the mapping that the tracker does not have. */
export function requireMappable(mapping: TicketMapping, tracker: TrackerFacts): void {
  const parts = [mapping, ...[mapping.kinds, mapping.columns, mapping.colors].flatMap((by) => Object.values(by ?? {}))];
  const assigns = mapping.assignee === 'author' || mapping.assignee === 'mention';
  const lacking = lackingOf([...parts.flatMap(fieldsOf), ...(assigns ? ['assignee'] : [])], tracker);
  if (lacking.length === 0) return;
  const them = lacking.length === 1 ? 'it' : 'them';
  throw new RetroRefused(
    `the mapping sets ${lacking.join(' and ')}, which ${told(tracker)} does not have; take ${them} out of the mapping`,
  );
}

/** @throws RetroRefused naming the first row whose edit sets what the tracker does not have. */
export function requireEditable({ set = {} }: RetroEdits, tracker: TrackerFacts): void {
  for (const [itemId, edit] of Object.entries(set)) {
    const [field] = lackingOf(fieldsOf(edit), tracker);
    if (field === undefined) continue;
    throw new RetroRefused(
      `the edit of item ${itemId} sets ${field}, which ${told(tracker)} does not have; take it out of the edit`,
    );
  }
}

const told = ({ name, kind }: TrackerFacts): string => `tracker "${name}" (${kind})`;

/** Before the name of a field that only this tracker has. */
const OWN = 'fields.';

/** What is given by name; an edit's null takes away, which every tracker can. */
function fieldsOf(given: RowEdit & Pick<TicketFields, 'fields'>): string[] {
  const single = (['type', 'status', 'priority', 'parent', 'assignee'] as const).filter(
    (name) => given[name] !== undefined && given[name] !== null,
  );
  const labels = given.labels?.length ? ['labels'] : [];
  return [...labels, ...single, ...Object.keys(given.fields ?? {}).map((name) => OWN + name)];
}

function lackingOf(fields: string[], { capabilities }: TrackerFacts): string[] {
  return [...new Set(fields)].filter((name) =>
    name.startsWith(OWN) ? !capabilities.ownFields : !capabilities.fields.includes(name),
  );
}
