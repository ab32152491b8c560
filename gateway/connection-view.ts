import type { Connection } from '../store/connections.js';
import type { GrantInfo } from '../store/grants.js';

/** A connection as API and CLI show it; never a secret. */
export function connectionView(tenant: string, { connectionId, name, rest, scim }: Connection) {
  return {
    ...{ tenant, connection: name, connectionId },
    ...(rest && { rest: grantView(rest) }),
    ...(scim && { scim: grantView(scim) }),
  };
}

function grantView({ state, reason, deadSince, generation, scopes, refreshable, ...grant }: GrantInfo) {
  const { miroUserId: userId, teamId, orgId, names, accessExpiresAt, checkedAt, tokenAt } = grant;
  const miro = { userId, teamId, orgId, ...names };
  return { state, reason, deadSince, generation, miro, scopes, refreshable, accessExpiresAt, tokenAt, checkedAt };
}
