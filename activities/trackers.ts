/** The one place where a tracker is opened: what is stored of it, its secret, and the line that it talks through. */
import type { TicketMapping } from '../contract-retro.js';
import { builtinTable } from '../store/tickets.js';
import { openTrackerSettings } from '../store/trackers.js';
import { TicketError } from '../tickets/errors.js';
import { createTracker } from '../tickets/index.js';
import { networkLine } from '../tickets/line.js';
import type { TrackerLine, TrackerSettings } from '../tickets/settings.js';
import type { Tracker } from '../tickets/tracker.js';
import type { Deps } from './deps.js';
import { refuse } from './failure.js';

export interface OpenTracker {
  tracker: Tracker;
  settings: TrackerSettings;
  /** How records become tickets there, unless a run brings its own. */
  mapping?: TicketMapping;
}

export type TrackerDeps = Pick<Deps, 'db' | 'vault' | 'dispatcher' | 'allowPrivateWebhooks'>;

/**
 * Opens a tracker with its settings as they are now: a secret that was changed is used from the next activity on.
 * @throws ApplicationFailure Tracker.unknown, which ends the job; VaultError
 */
export async function openTracker(
  deps: TrackerDeps,
  { tenantId, name }: { tenantId: string; name: string },
): Promise<OpenTracker> {
  const { db, vault, dispatcher, allowPrivateWebhooks: allowPrivate = false } = deps;
  const found = await openTrackerSettings(db, vault, { tenantId, name });
  if (!found)
    throw refuse(
      'Tracker.unknown',
      `the tenant has no tracker "${name}": it was never added, or was removed; add it with: temporal-miro trackers add ${name}`,
    );
  const { kind, config, secret, mapping } = found;
  const settings: TrackerSettings = { kind, name, config, ...(secret !== undefined && { secret }) };
  const line: TrackerLine = {
    ...networkLine({ dispatcher, allowPrivate }),
    builtin: builtinTable(db, { tenantId, tracker: name }),
  };
  return { tracker: tellingItsSecret(createTracker(settings, line), name), settings, ...(mapping && { mapping }) };
}

/** Where the secret is refused, the error says with which command it is replaced: a tracker itself does not know its name. */
function tellingItsSecret(tracker: Tracker, name: string): Tracker {
  const told = (error: unknown): never => {
    if (!(error instanceof TicketError) || error.kind !== 'unauthorized') throw error;
    const command = `temporal-miro trackers secret ${name}`;
    throw new TicketError(error.message, { ...error, remedy: [error.remedy, command].filter(Boolean).join(': ') });
  };
  return new Proxy(tracker, {
    get(of, key) {
      const method: unknown = Reflect.get(of, key);
      if (typeof method !== 'function') return method;
      return (...given: unknown[]): unknown => {
        const answer: unknown = method.apply(of, given);
        return answer instanceof Promise ? answer.catch(told) : answer;
      };
    },
  });
}
