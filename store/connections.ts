/** Connections: a tenant's named uses of grants. */
export { findConnection, getConnectionById, listConnections } from './connection-info.js';
export type { Connection, ListedConnection } from './connection-info.js';
export { ensureConnection, ensureFirstLink, linkAccount } from './link.js';
export type { Accepted, ConnectionInput, LinkAnswer, LinkRefusal, OAuthPair, StaticToken } from './link.js';
export { attachScim, ensureFirstScim } from './link-scim.js';
export { beginRevoke, beginRevokeAll, finishRevoke } from './revoke.js';
export type { RevokedSecret } from './revoke.js';
export type { AccountNames, GrantFacts, GrantInfo } from './grants.js';
