/** Every table whose rows belong to a tenant: those that refer to others stand before them. A test compares the list with the schema. */

export interface TenantTable {
  name: string;
  /** Columns that hold a secret, or what could be compared with one; they are never exported. */
  secrets?: string[];
  /** Columns with an address that may hold one in its path or query, or a document whose `url` is such; only the origin is exported. */
  addresses?: string[];
}

export const TENANT_TABLES: readonly TenantTable[] = [
  { name: 'webhook_deliveries' },
  { name: 'events' },
  { name: 'webhook_endpoints', secrets: ['secret', 'old_secret'], addresses: ['url'] },
  { name: 'outbox' },
  {
    name: 'link_sessions',
    secrets: ['start_hash', 'state_hash', 'browser_hash', 'result_hash'],
    addresses: ['return_url'],
  },
  { name: 'ticket_relations' },
  { name: 'ticket_comments' },
  { name: 'tickets' },
  { name: 'trackers', secrets: ['secret'], addresses: ['config'] },
  { name: 'board_pages' },
  { name: 'plan_rows' },
  { name: 'plans' },
  { name: 'ticket_links' },
  { name: 'link_backs' },
  { name: 'pauses' },
  { name: 'credit_usage' },
  { name: 'reservations' },
  { name: 'parked' },
  { name: 'approval_waits' },
  { name: 'approvals', secrets: ['nonce'] },
  { name: 'person_locks' },
  { name: 'items' },
  { name: 'attempts' },
  { name: 'effects' },
  { name: 'runs' },
  { name: 'jobs' },
  { name: 'connections' },
  { name: 'refreshes' },
  { name: 'grants', secrets: ['access_token', 'refresh_token', 'linked_hashes'] },
  { name: 'apps', secrets: ['client_secret'] },
];
