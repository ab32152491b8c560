import type { PageCall } from './call.js';
import { buildList } from './pages.js';
import { auditEventSchema, contentLogSchema } from './organization-schemas.js';
import type { AuditEvent, ContentLog } from './organization-schemas.js';

export interface LogWindow {
  from: Date;
  to: Date;
  sorting?: 'ASC' | 'DESC';
}

/** What people and apps did, of the last 90 days. Enterprise. @see docs/miro-api.md#logs */
export const auditLogs = {
  list: ({ from, to, sorting }: LogWindow): PageCall<AuditEvent> => {
    const query = { createdAfter: from.toISOString(), createdBefore: to.toISOString(), sorting, limit: 100 };
    return buildList('enterprise-get-audit-logs', { query }, auditEventSchema);
  },
};

/** Changes of items, the nearest thing to a feed of changes. Enterprise. @see docs/miro-api.md#logs */
export const contentLogs = {
  /** At most 15 boards and 15 e-mails. */
  list: (
    orgId: string,
    { from, to, sorting, boardIds, emails }: LogWindow & { boardIds?: string[]; emails?: string[] },
  ): PageCall<ContentLog> => {
    const window = { from: from.toISOString(), to: to.toISOString(), sorting, limit: 1000 };
    const query = { ...window, board_ids: boardIds, emails };
    return buildList('enterprise-board-content-item-logs-fetch', { path: { org_id: orgId }, query }, contentLogSchema);
  },
};
