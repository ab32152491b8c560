import type { App, AuthorizationCode, Grant } from './app.js';
import type { Board } from './board.js';
import type { Org, Project, Team, User, UserGroup } from './organisation.js';
import type { AuditEvent, ExportJob, LegalCase } from './records.js';

/** Everything the simulator remembers. Times are epoch milliseconds; maps keep the order of creation. */
export interface World {
  orgs: Map<string, Org>;
  teams: Map<string, Team>;
  users: Map<string, User>;
  projects: Map<string, Project>;
  boards: Map<string, Board>;
  apps: Map<string, App>;
  grants: Map<string, Grant>;
  /** Authorization codes by their value. */
  codes: Map<string, AuthorizationCode>;
  userGroups: Map<string, UserGroup>;
  /** People whom a group push may bring back. */
  deletedUsers: Map<string, User>;
  exports: Map<string, ExportJob>;
  audit: AuditEvent[];
  sessionResets: { userId: string; at: number }[];
  /** Legal cases and holds, by id. */
  cases: Map<string, LegalCase>;
}

export function emptyWorld(): World {
  return {
    orgs: new Map(),
    teams: new Map(),
    users: new Map(),
    projects: new Map(),
    boards: new Map(),
    apps: new Map(),
    grants: new Map(),
    codes: new Map(),
    userGroups: new Map(),
    deletedUsers: new Map(),
    exports: new Map(),
    audit: [],
    sessionResets: [],
    cases: new Map(),
  };
}
