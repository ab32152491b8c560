/** Who wrote an item, as a tracker knows them. People whom nobody can tell become text. */
import { unmappedAssignees, type Assignee } from '../jobs/retro-to-tickets/assignees.js';
import type { RetroRecord } from '../jobs/retro-to-tickets/model.js';
import type { TicketMapping } from '../contract-retro.js';
import { MiroError, orgMembers, scimUsers } from '../miro/index.js';
import { findConnection } from '../store/connections.js';
import type { Tracker } from '../tickets/tracker.js';
import { createCaller, createScimCaller } from './calls.js';
import type { CallingDeps } from './job-context.js';
import { inGroups } from './parallel.js';
import type { PlanContext } from './retro-context.js';
import { askingTracker } from './tracker-calls.js';

/** The records with their authors' e-mail addresses, as far as the organisation tells them. Miro shows none on a board. */
export async function withAddresses(
  deps: CallingDeps,
  context: PlanContext,
  records: RetroRecord[],
): Promise<RetroRecord[]> {
  const ids = [...new Set(records.flatMap(({ author }) => (author && author.email === undefined ? [author.id] : [])))];
  const addressOf = await addressBook(deps, context);
  if (!addressOf || ids.length === 0) return records;
  const asked = await inGroups(
    ids,
    (id) => id,
    async (id) => [id, await addressOf(id).catch(unknownPerson)] as const,
  );
  const addresses = new Map(asked);
  return records.map((record) => {
    const email = record.author && addresses.get(record.author.id);
    return record.author && email !== undefined ? { ...record, author: { ...record.author, email } } : record;
  });
}

/** Who tells addresses: the organisation's list of members, or SCIM. @returns undefined where the connection has neither */
async function addressBook(
  deps: CallingDeps,
  { plan: { planId, tenantId }, input: { connectionId } }: PlanContext,
): Promise<((userId: string) => Promise<string>) | undefined> {
  const of = {
    ...{ tenantId, connection: connectionId, jobKind: 'retroToTickets' as const },
    purpose: `${planId}:people`,
  };
  const caller = createCaller(deps, of);
  const { orgId, scopes } = (await caller.token()).grant;
  if (orgId !== undefined && scopes.includes('organizations:read')) {
    return async (id) => (await caller.send(orgMembers.get(orgId, id))).email;
  }
  const connection = await findConnection(deps.db, { tenantId, name: connectionId });
  if (!connection?.scim) return undefined;
  const scim = createScimCaller(deps, of);
  return async (id) => (await scim.send(scimUsers.get(id))).userName;
}

function unknownPerson(error: unknown): undefined {
  if (error instanceof MiroError && ['not_found', 'forbidden', 'invalid'].includes(error.kind)) return undefined;
  throw error;
}

/** The tracker's accounts of those whom the mapping does not name, by {@link Assignee.key}. */
export async function accountsOf(
  deps: CallingDeps,
  tracker: Tracker,
  records: readonly RetroRecord[],
  mapping: TicketMapping,
): Promise<Map<string, string>> {
  if (!tracker.capabilities.fields.includes('assignee')) return new Map();
  const people = unmappedAssignees(records, mapping);
  const found = await inGroups(
    people,
    ({ key }) => key,
    async ({ key, ...person }: Assignee) => [key, await tracker.findAccount(person, askingTracker(deps))] as const,
    tracker.capabilities.concurrency,
  );
  return new Map(found.flatMap(([key, account]) => (account === undefined ? [] : [[key, account] as const])));
}
