/** Trying a tracker before its first run: address, credentials, project, types, and what its mapping asks for. */
import type { TicketFields, TicketMapping } from '../../contract-retro.js';
import { createPool } from '../../miro/index.js';
import { builtinTable } from '../../store/tickets.js';
import { TicketError } from '../../tickets/errors.js';
import type { TrackerSettings } from '../../tickets/settings.js';
import type { Capabilities, DraftField, TrackerProblem, Wanted } from '../../tickets/tracker.js';
import type { VaultServices } from './accounts.js';
import { CommandError, EXIT } from './exit-codes.js';
import { loadTrackers } from './load-trackers.js';

export interface TrackerToCheck {
  tenantId: string;
  settings: TrackerSettings;
  mapping?: TicketMapping | undefined;
}

/** Of one request; some trackers ask several. */
const REQUEST_MS = 15_000;

/**
 * Asks the tracker as a run would; writes nothing there.
 * @returns what is wrong; empty: all is well. @throws CommandError (exit 5) when it cannot be reached
 */
export async function checkTracker(
  { db, config }: Pick<VaultServices, 'db' | 'config'>,
  { tenantId, settings, mapping }: TrackerToCheck,
): Promise<TrackerProblem[]> {
  const { createTracker, networkLine } = await loadTrackers();
  const dispatcher = createPool();
  try {
    const builtin = builtinTable(db, { tenantId, tracker: settings.name });
    const tracker = createTracker(settings, {
      ...networkLine({ dispatcher, allowPrivate: config.allowPrivateWebhooks }),
      builtin,
    });
    const { wanted, problems } = wantedOf(mapping, tracker.capabilities);
    return [...problems, ...(await tracker.check(wanted, { deadlineMs: REQUEST_MS }))];
  } catch (error) {
    return [problemOf(error)];
  } finally {
    await dispatcher.close();
  }
}

const UNREACHABLE: ReadonlySet<string> = new Set(['rate_limited', 'timeout', 'unavailable', 'malformed']);

function problemOf(error: unknown): TrackerProblem {
  if (!(error instanceof TicketError)) throw error;
  const { kind, message, remedy } = error;
  if (UNREACHABLE.has(kind))
    throw new CommandError(EXIT.unreachable, `${message}; ${remedy ?? 'check its address, and try again'}`);
  return { what: message, remedy: remedy ?? 'correct the settings, and add it again with --replace' };
}

/** What a mapping asks of a tracker whatever the board says. */
export function wantedOf(
  mapping: TicketMapping | undefined,
  capabilities: Pick<Capabilities, 'fields' | 'ownFields'>,
): { wanted: Wanted; problems: TrackerProblem[] } {
  const all: TicketFields[] = mapping
    ? [mapping, ...[mapping.kinds, mapping.columns, mapping.colors].flatMap((part) => Object.values(part ?? {}))]
    : [];
  const values = (field: 'type' | 'status' | 'priority' | 'parent'): string[] =>
    distinct(all.flatMap((each) => each[field] ?? []));
  const wanted: Wanted = {
    types: values('type'),
    statuses: values('status'),
    priorities: values('priority'),
    parents: values('parent'),
    assignees: distinct(Object.values(mapping?.people ?? {})),
    fields: distinct(all.flatMap(({ fields = {} }) => Object.keys(fields))),
  };
  const asked: Record<DraftField, boolean> = {
    labels: all.some(({ labels = [] }) => labels.length > 0),
    type: wanted.types.length > 0,
    status: wanted.statuses.length > 0,
    priority: wanted.priorities.length > 0,
    parent: wanted.parents.length > 0,
    assignee: wanted.assignees.length > 0,
  };
  const missing: string[] = (Object.keys(asked) as DraftField[]).filter(
    (field) => asked[field] && !capabilities.fields.includes(field),
  );
  if (!capabilities.ownFields) missing.push(...wanted.fields);
  return { wanted, problems: missing.map(lacking) };
}

const lacking = (field: string): TrackerProblem => ({
  what: `the mapping sets ${field}, which this kind of tracker does not have`,
  remedy: `take ${field} out of the mapping`,
});

const distinct = (values: string[]): string[] => [...new Set(values)];
