-- Every row belongs to one tenant and says so, also in its foreign keys; budgets belong to the installation.
-- Ids are UUIDv7, made by the program. Secrets are JWEs under the tenant's data key. Times are the database's.

-- The one row that says which installation this is: eight hex digits that tell installation keys apart.
create table installation (
  id boolean primary key default true check (id),
  id_key_check text not null,
  created_at timestamptz not null default now()
);

-- A customer of the product that embeds us. Destroying data_key (a JWE under the vault's key ring) makes all its
-- secrets unreadable.
create table tenants (
  id uuid primary key,
  name text not null unique,
  data_key text,
  erased_at timestamptz,
  created_at timestamptz not null default now()
);

-- A Miro app of a tenant: what an OAuth pair needs to be refreshed.
create table apps (
  tenant_id uuid not null references tenants,
  id uuid not null,
  client_id text not null,
  client_secret text not null,
  created_at timestamptz not null default now(),
  primary key (tenant_id, id),
  unique (tenant_id, client_id)
);

-- One secret with a state of its own: an OAuth pair, a static REST token, or a SCIM token. Each new secret is a new
-- generation. Facts about it are null until Miro has told them. token_at: since when the secret is this one.
-- linked_hashes: secrets as they were linked, oldest first; a pair that comes back from the environment is used up
-- since.
create table grants (
  tenant_id uuid not null references tenants,
  id uuid not null,
  kind text not null check (kind in ('rest', 'scim')),
  app_id uuid,
  miro_user_id text,
  team_id text,
  org_id text,
  scopes text[] not null default '{}',
  generation integer not null default 1,
  state text not null default 'live' check (state in ('live', 'needs_relink', 'revoked')),
  reason text,
  access_token text not null,
  access_expires_at timestamptz,
  refresh_token text,
  linked_hashes text[] not null default '{}',
  created_at timestamptz not null default now(),
  token_at timestamptz not null default now(),
  primary key (tenant_id, id),
  unique (id),
  foreign key (tenant_id, app_id) references apps (tenant_id, id),
  check (refresh_token is null or app_id is not null)
);
create index grants_identity on grants (tenant_id, app_id, miro_user_id, team_id);

-- The intent to exchange one generation's refresh token, held by one owner at a time. lost: exchanges that were sent
-- and never answered.
create table refreshes (
  tenant_id uuid not null,
  grant_id uuid not null,
  generation integer not null,
  owner uuid not null,
  lease_until timestamptz not null,
  sent_at timestamptz,
  lost integer not null default 0,
  created_at timestamptz not null default now(),
  primary key (grant_id, generation),
  foreign key (tenant_id, grant_id) references grants (tenant_id, id) on delete cascade
);

-- A tenant's named use of grants. policy: which jobs need how many approvers.
create table connections (
  tenant_id uuid not null references tenants,
  id uuid not null,
  name text not null,
  rest_grant_id uuid,
  scim_grant_id uuid,
  policy jsonb not null default '{}',
  created_at timestamptz not null default now(),
  primary key (tenant_id, id),
  unique (tenant_id, name),
  foreign key (tenant_id, rest_grant_id) references grants (tenant_id, id),
  foreign key (tenant_id, scim_grant_id) references grants (tenant_id, id)
);

-- One thing to be done: (kind, hash of the business key), once per episode. run_id: the Temporal run that works on it,
-- or did last.
create table jobs (
  tenant_id uuid not null references tenants,
  id uuid not null,
  kind text not null,
  key_hash text not null,
  episode integer not null check (episode > 0),
  state text not null default 'running' check (state in ('running', 'done', 'failed', 'cancelled', 'deadline')),
  workflow_id text not null,
  run_id text not null,
  spec jsonb not null,
  spec_hash text not null,
  options jsonb not null,
  board_id text,
  board_url text,
  url_returned_at timestamptz,
  result jsonb,
  opened_at timestamptz not null default now(),
  closed_at timestamptz,
  primary key (tenant_id, id),
  unique (id),
  unique (tenant_id, kind, key_hash, episode)
);

-- One Temporal run of a job; outlives Temporal's retention.
create table runs (
  tenant_id uuid not null,
  id uuid not null,
  job_id uuid not null,
  workflow_id text not null,
  run_id text not null unique,
  state text not null default 'running' check (state in ('running', 'done', 'failed', 'cancelled', 'deadline')),
  result jsonb,
  started_at timestamptz not null default now(),
  ended_at timestamptz,
  primary key (tenant_id, id),
  foreign key (tenant_id, job_id) references jobs (tenant_id, id) on delete cascade
);
create index runs_newest on runs (started_at desc);
create index runs_of_tenant on runs (tenant_id, started_at desc);
create index runs_of_job on runs (job_id);
create index runs_of_workflow on runs (workflow_id, started_at desc);

-- One write to the outside. owner_attempt and lease_until: who may send now. Done: object_id and result are what
-- done_attempt proved. watermark: what was known before the first send. looked_at: when Miro was last seen without the
-- object. sweeps: how often the sweeper has looked in vain, and sweep_after: when it looks next.
create table effects (
  tenant_id uuid not null,
  id uuid not null,
  job_id uuid not null,
  key text not null,
  step text not null,
  subject text not null,
  kind text not null check (kind in ('create', 'set', 'send')),
  state text not null default 'open' check (state in ('open', 'done')),
  owner_attempt uuid,
  lease_until timestamptz,
  outcome text,
  object_id text,
  result jsonb,
  done_attempt uuid,
  done_at timestamptz,
  watermark text,
  looked_at timestamptz,
  unsettled_at timestamptz,
  sweeps integer not null default 0,
  sweep_after timestamptz,
  created_at timestamptz not null default now(),
  primary key (tenant_id, id),
  unique (id),
  unique (job_id, key),
  check ((owner_attempt is null) = (lease_until is null)),
  check (state = 'open' or kind = 'set' or object_id is not null),
  foreign key (tenant_id, job_id) references jobs (tenant_id, id) on delete cascade
);

-- One claim of an effect, with at most one send. It keeps its own proof, also when another attempt won the effect
-- (surplus). Sent and neither answered nor resolved: it may have written. sender: the user at Miro whose token it has.
create table attempts (
  tenant_id uuid not null,
  id uuid not null,
  effect_id uuid not null,
  number integer not null,
  run_id text not null,
  sender text,
  claimed_at timestamptz not null,
  lease_until timestamptz not null,
  settle_ms integer not null,
  sent_at timestamptz,
  ended_at timestamptz,
  outcome text check (outcome in ('made', 'found', 'set', 'not_written', 'not_sent', 'unknown')),
  object_id text,
  result jsonb,
  surplus boolean not null default false,
  resolved_at timestamptz,
  error text,
  status integer,
  request_id text,
  primary key (tenant_id, id),
  unique (id),
  unique (effect_id, number),
  foreign key (tenant_id, effect_id) references effects (tenant_id, id) on delete cascade
);
create index attempts_unresolved on attempts (effect_id)
  where sent_at is not null and resolved_at is null and (outcome is null or outcome = 'unknown');

-- What became of one part of a job, for people.
create table items (
  tenant_id uuid not null,
  job_id uuid not null,
  subject text not null,
  kind text not null,
  outcome text not null check (outcome in ('made', 'existing', 'changed', 'skipped', 'refused', 'failed')),
  object_id text,
  detail jsonb,
  at timestamptz not null default now(),
  primary key (job_id, subject),
  foreign key (tenant_id, job_id) references jobs (tenant_id, id) on delete cascade
);

-- Which job decides about one person's state in one organisation.
create table person_locks (
  tenant_id uuid not null,
  org_id text not null,
  person text not null,
  job_id uuid not null,
  taken_at timestamptz not null default now(),
  primary key (tenant_id, org_id, person),
  foreign key (tenant_id, job_id) references jobs (tenant_id, id)
);

-- One person's decision on one part of a plan. The same job and part may consume it again after a crash.
create table approvals (
  tenant_id uuid not null,
  id uuid not null,
  job_id uuid not null,
  part text not null,
  hash text not null,
  nonce text not null,
  principal text not null,
  decision text not null check (decision in ('approved', 'rejected')),
  reason text,
  created_at timestamptz not null default now(),
  consumed_by text,
  consumed_at timestamptz,
  primary key (tenant_id, id),
  unique (tenant_id, job_id, part, nonce),
  foreign key (tenant_id, job_id) references jobs (tenant_id, id) on delete cascade
);

-- An account of credits at Miro: REST per (app, user), SCIM per organisation token and call kind. As Miro's headers
-- last said.
create table budgets (
  key text primary key,
  kind text not null check (kind in ('rest', 'scim')),
  credits_per_window integer not null,
  window_ms integer not null,
  remaining integer,
  resets_at timestamptz,
  observed_at timestamptz,
  foreign_credits integer not null default 0
);

-- A ticket for one send out of a budget, good for its time slot.
create table reservations (
  id uuid primary key,
  budget_key text not null references budgets,
  tenant_id uuid not null references tenants,
  key text not null,
  send_number integer not null,
  priority integer not null,
  credits integer not null,
  slot_from timestamptz not null,
  slot_until timestamptz not null,
  queued_at timestamptz not null default now(),
  sent_at timestamptz,
  answered_at timestamptz,
  unique (budget_key, key, send_number)
);
create index reservations_open on reservations (budget_key, slot_from) where answered_at is null;

-- A run that waits for a newer generation of a grant, or for its connection to point to another one.
create table parked (
  tenant_id uuid not null,
  grant_id uuid not null,
  workflow_id text not null,
  run_id text not null,
  connection_id uuid not null,
  generation integer not null,
  parked_at timestamptz not null default now(),
  primary key (tenant_id, grant_id, workflow_id, run_id),
  foreign key (tenant_id, grant_id) references grants (tenant_id, id) on delete cascade,
  foreign key (tenant_id, connection_id) references connections (tenant_id, id) on delete cascade
);
create index parked_by_run on parked (workflow_id, run_id);

-- A message to a workflow, written in the transaction that is its reason, delivered until acknowledged.
create table outbox (
  tenant_id uuid not null references tenants,
  id uuid not null,
  kind text not null,
  payload jsonb not null,
  due_at timestamptz not null default now(),
  tries integer not null default 0,
  created_at timestamptz not null default now(),
  primary key (tenant_id, id),
  unique (id)
);
create index outbox_due on outbox (due_at);
