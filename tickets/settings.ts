/** What a tracker connection is made of, and how one is opened. */
import type { Dispatcher } from 'undici';
import type { BuiltinTable } from './builtin.js';
import type { TrackerKind } from './tracker.js';

/** As the store keeps it; `config` was checked by {@link settingsSchemas} when it was added. */
export interface TrackerSettings {
  kind: TrackerKind;
  /** The tenant's name for it. */
  name: string;
  config: Record<string, unknown>;
  /** Token or signing secret; absent where the tracker needs none. */
  secret?: string;
}

/** What trackers talk through. */
export interface TrackerLine {
  dispatcher: Dispatcher;
  /** Of the built-in tracker. */
  builtin: BuiltinTable;
  /** @throws TicketError when nothing may be sent there. Asked for addresses that a tenant may have chosen. */
  requirePublic(url: string): Promise<void>;
}
