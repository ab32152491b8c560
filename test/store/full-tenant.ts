/** A tenant with a row in every table that has tenants. */
import { randomUUID } from 'node:crypto';
import { ensureConnection } from '../../store/connections.js';
import { recordItem } from '../../store/items.js';
import { claim } from '../../store/ledger.js';
import { postOutbox } from '../../store/outbox.js';
import { park } from '../../store/parked.js';
import { pause } from '../../store/pauses.js';
import { claimRefresh } from '../../store/refresh-intent.js';
import { ensureTenant } from '../../store/tenants.js';
import { builtinTable } from '../../store/tickets.js';
import { addTracker } from '../../store/trackers.js';
import { addUsage } from '../../store/usage.js';
import { addEndpoint } from '../../store/webhook-endpoints.js';
import { claimInput, openNewJob, type TestStore } from './database.js';
import { draft } from './draft.js';

export interface FullTenant {
  tenantId: string;
  name: string;
  /** Of this tenant only; they stand in its rows, or are sealed there. */
  strings: string[];
  secrets: string[];
}

export async function fullTenant(store: TestStore): Promise<FullTenant> {
  const { db, vault } = store;
  const id = randomUUID().slice(0, 8);
  const name = `customer-${id}`;
  const { tenantId } = await ensureTenant(db, name);
  const own = (what: string): string => `${what}-${id}`;
  const [accessToken, refreshToken, clientSecret] = [own('access'), own('refresh'), own('app-secret')];
  const connection = await ensureConnection(db, vault, {
    ...{ tenantId, name: own('connection'), app: { clientId: own('client'), clientSecret } },
    rest: { accessToken, refreshToken, facts: { userId: own('user'), teamId: own('team'), scopes: ['boards:read'] } },
  });
  const { grantId } = connection.rest!;
  const { secret } = await addEndpoint(db, vault, { tenantId, url: `https://${own('host')}.example/hook` });
  const job = await openNewJob(
    { ...store, tenantId },
    { spec: { name: own('board'), members: [own('anna@example.com')] }, workflowId: own('workflow') },
  );
  const { jobId, runId } = job;
  await claim(db, claimInput(job, { subject: own('subject') }));
  await recordItem(db, { tenantId, jobId, subject: own('sticky'), kind: 'item', outcome: 'made' });
  await claimRefresh(db, { grantId, generation: 1, owner: randomUUID(), leaseMs: 60_000 });
  await db.query(`update miro.grants set state = 'needs_relink' where id = $1`, [grantId]);
  const waiting = { workflowId: own('workflow'), runId, tenantId, grantId, generation: 1 };
  await park(db, { ...waiting, connectionName: own('connection') });
  await postOutbox(db, {
    tenantId,
    kind: 'relinked',
    payload: { workflowId: own('workflow'), grantId, generation: 2 },
  });
  await pause(db, { tenantId, connectionName: own('connection'), reason: own('reason') });
  const used = { tenantId, jobKind: 'provisionBoard', credits: 5, calls: 1, refused: 0 };
  await addUsage(db, { budget: own('budget'), used: [used] });
  await db.query(
    `with account as (
       insert into miro.budgets (key, kind, credits_per_window, window_ms) values ($2, 'rest', 1, 1)),
     reserved as (
       insert into miro.reservations (id, budget_key, tenant_id, key, priority, credits, queued_at, slot_from, slot_until)
       values (gen_random_uuid(), $2, $1, $3, 1, 1, now(), now(), now())),
     locked as (insert into miro.person_locks (tenant_id, org_id, person, job_id) values ($1, 'org', $4, $5)),
     approved as (
       insert into miro.approvals (tenant_id, id, job_id, run_id, part, hash, nonce, principal, decision)
       values ($1, gen_random_uuid(), $5, 'r', 'cut', 'h', 'n', $6, 'approved')),
     linking as (
       insert into miro.link_sessions (tenant_id, id, connection_name, redirect_uri, return_url, start_hash, expires_at)
       values ($1, gen_random_uuid(), 'c', 'https://gateway.example', $7, $8, now()))
     insert into miro.webhook_deliveries (tenant_id, event_id, endpoint_id)
     select e.tenant_id, e.id, w.id from miro.events e join miro.webhook_endpoints w using (tenant_id)
     where e.tenant_id = $1 limit 1`,
    [
      tenantId,
      own('budget'),
      own('key'),
      own('person'),
      jobId,
      own('principal'),
      own('https://app.example'),
      own('start'),
    ],
  );
  const trackerSecret = await fillRetro(store, { tenantId, jobId, own });
  return { tenantId, name, strings: [id], secrets: [accessToken, refreshToken, clientSecret, secret, trackerSecret] };
}

interface Owner {
  tenantId: string;
  jobId: string;
  own: (what: string) => string;
}

/** A tracker, tickets, and a plan with all that hangs on it. @returns the tracker's secret */
async function fillRetro({ db, vault }: TestStore, { tenantId, jobId, own }: Owner): Promise<string> {
  const secret = own('tracker-secret');
  const url = `https://${own('tracker')}.example`;
  await addTracker(db, vault, { tenantId, name: 'backend', kind: 'webhook', config: { url }, secret });
  const table = builtinTable(db, { tenantId, tracker: 'builtin' });
  const [ticket, other] = [
    await table.create(draft('tm-1', { title: own('title'), assignee: own('anna@example.com') })),
    await table.create(draft('tm-2', { body: own('body') })),
  ];
  await table.comment(ticket.id, { marker: 'tm-3', body: own('comment') });
  await table.link(ticket.id, other.id);
  await db.query(
    `with plan as (
       insert into miro.plans (tenant_id, id, kind, key_hash, run_id, wish)
       values ($1, gen_random_uuid(), 'retroToTickets', $3, $3, jsonb_build_object('tag', $3::text)) returning id),
     rows as (
       insert into miro.plan_rows (tenant_id, plan_id, position, subject, row, words)
       select $1, id, 0, $3, jsonb_build_object('title', $3::text), $3 from plan),
     pages as (
       insert into miro.board_pages (tenant_id, plan_id, part, number, content)
       select $1, id, 'items', 0, jsonb_build_array($3::text) from plan),
     waits as (
       insert into miro.approval_waits (tenant_id, job_id, part, hash, workflow_id, run_id, needed)
       values ($1, $2, 'plan', 'h', $3, $3, 1)),
     back as (
       insert into miro.link_backs (tenant_id, job_id, number, way, subjects, plan)
       values ($1, $2, 0, 'list', array[$3], jsonb_build_object('title', $3::text)))
     insert into miro.ticket_links
       (tenant_id, key_hash, item_id, job_id, run_id, outcome, ticket_id, ticket_key, title, words, fingerprint, x, y)
     values ($1, $3, $3, $2, $3, 'made', $4, 'T-1', $3, $3, 'f', 0, 0)`,
    [tenantId, jobId, own('retro'), ticket.id],
  );
  return secret;
}
