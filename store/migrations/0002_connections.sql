-- Linking, the shared budget, events and webhooks, the gateway's keys. Only additions: workers of the release before
-- can work beside it.

-- The keys that workers have encrypted payloads with, by name, each with eight hex digits that tell keys apart.
alter table installation add column codec_keys jsonb not null default '{}';

-- How often the database was moved to a server that counts its transactions anew.
alter table installation add column events_epoch integer not null default 0;

-- An account that is being linked. state_hash: of the OAuth state, taken away when it is used. browser_hash: of the
-- cookie of the one browser that may come back. result_hash: of the one-time code that the backend exchanges.
create table link_sessions (
  tenant_id uuid not null references tenants,
  id uuid not null,
  connection_name text not null,
  -- Where the browser goes at the end; null: our own page.
  return_url text,
  redirect_uri text not null,
  -- Preselected at Miro, and required of the token.
  team_id text,
  -- How a relink is judged: { "otherUser": boolean, "fewerScopes": boolean }.
  accept jsonb not null default '{}',
  start_hash text not null unique,
  state_hash text unique,
  state_expires_at timestamptz,
  browser_hash text,
  -- Whoever dies while exchanging has used up the code: it stays so, and counts as refused.
  state text not null default 'open' check (state in ('open', 'started', 'exchanging', 'linked', 'refused')),
  -- What became of it, never a secret: { "reason": … }.
  outcome jsonb,
  result_hash text unique,
  result_taken_at timestamptz,
  expires_at timestamptz not null,
  created_at timestamptz not null default now(),
  primary key (tenant_id, id),
  unique (id)
);

-- A backend's key to the gateway. secret_hash: SHA-256 of 256 random bits. tenants null: all of them.
create table api_keys (
  id text primary key,
  name text not null,
  secret_hash text not null,
  tenants text[],
  scopes text[] not null,
  created_at timestamptz not null default now(),
  expires_at timestamptz,
  last_used_at timestamptz,
  revoked_at timestamptz
);

-- What happened, for backends. Readers take (epoch, txid, seq) as cursor, below the oldest transaction that still runs,
-- so that none is missed which commits late. epoch: within which txid counts, as in installation.
create table events (
  tenant_id uuid not null references tenants,
  id uuid not null,
  seq bigint generated always as identity,
  epoch integer not null,
  txid xid8 not null default pg_current_xact_id(),
  type text not null,
  data jsonb not null,
  at timestamptz not null default now(),
  primary key (tenant_id, id),
  unique (id)
);
create index events_in_order on events (tenant_id, epoch, txid, seq);
create index events_of_all on events (epoch, txid, seq);
create index events_by_age on events (at);

-- Where a tenant's backend wants its events. secret: the signing secret as a JWE. old_secret: the one before, which signs
-- too until old_secret_until.
create table webhook_endpoints (
  tenant_id uuid not null references tenants,
  id uuid not null,
  url text not null,
  secret text not null,
  old_secret text,
  old_secret_until timestamptz,
  -- Null: every type.
  types text[],
  created_at timestamptz not null default now(),
  disabled_at timestamptz,
  disabled_reason text,
  primary key (tenant_id, id),
  unique (id)
);

-- One event to one endpoint. Redelivered by Temporal until it is done or given up.
create table webhook_deliveries (
  tenant_id uuid not null,
  event_id uuid not null,
  endpoint_id uuid not null,
  state text not null default 'pending' check (state in ('pending', 'delivered', 'given_up')),
  tries integer not null default 0,
  last_status integer,
  last_error text,
  updated_at timestamptz not null default now(),
  primary key (tenant_id, event_id, endpoint_id),
  foreign key (tenant_id, event_id) references events (tenant_id, id) on delete cascade,
  foreign key (tenant_id, endpoint_id) references webhook_endpoints (tenant_id, id) on delete cascade
);
create index webhook_deliveries_of_endpoint on webhook_deliveries (tenant_id, endpoint_id, updated_at);

-- Each kind of message is taken by itself: a run that is to be woken never stands behind thousands of webhooks.
create index outbox_due_by_kind on outbox (kind, due_at, id);

-- Nothing is written at Miro for what a pause matches; null matches all.
create table pauses (
  id uuid primary key,
  tenant_id uuid references tenants on delete cascade,
  connection_name text,
  job_kind text,
  reason text,
  paused_at timestamptz not null default now(),
  unique nulls not distinct (tenant_id, connection_name, job_kind)
);

-- A host that does not answer: one probe at a time stands for everyone's retries. next_probe_at is also when a probe
-- that is under way, one with an owner, is given up. for_all: the host said so itself, by a 5xx. Otherwise nothing came
-- back, which holds only those to whom it happened: it may be their own network.
create table origins (
  origin text primary key,
  down_since timestamptz not null default now(),
  reason text not null,
  for_all boolean not null,
  probe_owner uuid,
  next_probe_at timestamptz not null,
  failures integer not null default 1
);

-- Credits by minute, for people and metrics.
create table credit_usage (
  tenant_id uuid not null references tenants on delete cascade,
  budget_key text not null,
  job_kind text not null,
  minute timestamptz not null,
  credits bigint not null default 0,
  calls integer not null default 0,
  refused integer not null default 0,
  primary key (tenant_id, budget_key, job_kind, minute)
);
create index credit_usage_by_minute on credit_usage (minute);

-- When the grant was last looked at by the sweep and when it is due again, since when it is dead, and what Miro said
-- about it that is no column of its own: names, plan, role. A revoked grant has no secrets any more.
alter table grants add column checked_at timestamptz;
alter table grants add column check_after timestamptz not null default now();
alter table grants add column dead_at timestamptz;
alter table grants add column facts jsonb not null default '{}';
alter table grants alter column access_token drop not null;
create index grants_to_check on grants (check_after) where state = 'live';
create index connections_by_rest_grant on connections (rest_grant_id);
create index connections_by_scim_grant on connections (scim_grant_id);

-- The account of a budget as Miro's headers last said, on the store's clock unless it says otherwise. No release has
-- written to these two tables before.
drop table reservations;
drop table budgets;
create table budgets (
  key text primary key,
  kind text not null check (kind in ('rest', 'scim')),
  -- Of the account and all its reservations: who read another one decides anew.
  version bigint not null default 0,
  credits_per_window integer not null,
  window_ms integer not null,
  -- The window that Miro last told of: its end by Miro's clock, which names it, and by ours; the least that was left; our
  -- own part of what was used; when it was first heard of.
  window_name timestamptz,
  resets_at timestamptz,
  remaining integer,
  own_credits integer not null default 0,
  observed_at timestamptz,
  -- How long after its end a window may still count.
  margin_ms integer not null default 20,
  -- Nothing goes out before: Miro refused.
  blocked_until timestamptz,
  -- What another program uses in a window, estimated.
  foreign_credits integer not null default 0
);

-- A call that waits for its slot; granted: one that may be sent; answered: one that counts on, where no header tells
-- when its window ends. No foreign key: one tenant that is erased must not stop the batch of all others.
create table reservations (
  id uuid primary key,
  budget_key text not null references budgets on delete cascade,
  tenant_id uuid not null,
  -- The caller's own name of this send: its age is kept when its slot has passed.
  key text not null,
  priority integer not null,
  credits integer not null,
  queued_at timestamptz not null,
  slot_from timestamptz not null,
  slot_until timestamptz not null,
  granted_at timestamptz,
  answered_at timestamptz
);
create index reservations_of_budget on reservations (budget_key);
