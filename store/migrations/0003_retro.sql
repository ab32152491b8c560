-- Trackers, plans and tickets of boards. Only additions: workers of the release before can work beside it.

-- A tenant's named account at a tracker. config: address, project and the like, no secret. secret: a JWE, null where the
-- tracker needs none. mapping: how records become tickets there, unless a run brings its own.
create table trackers (
  tenant_id uuid not null references tenants,
  id uuid not null,
  name text not null,
  kind text not null check (kind in ('builtin', 'jira', 'github', 'webhook')),
  config jsonb not null,
  secret text,
  mapping jsonb,
  created_at timestamptz not null default now(),
  changed_at timestamptz not null default now(),
  primary key (tenant_id, id),
  unique (id),
  unique (tenant_id, name)
);

-- The built-in tracker's tickets. tracker: its name, `builtin` or one of trackers. version: counts every change.
-- A deleted ticket leaves its row without content, so that its marker is never used again.
create table tickets (
  tenant_id uuid not null references tenants,
  id uuid not null,
  tracker text not null,
  number integer not null,
  marker text not null,
  title text not null,
  body text not null,
  type text,
  status text not null default 'open',
  priority text,
  labels text[] not null default '{}',
  assignee text,
  parent text,
  fields jsonb not null default '{}',
  source_url text not null,
  version integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  deleted_at timestamptz,
  primary key (tenant_id, id),
  unique (id),
  unique (tenant_id, tracker, number),
  unique (tenant_id, tracker, marker)
);

create table ticket_comments (
  tenant_id uuid not null,
  id uuid not null,
  ticket_id uuid not null,
  marker text not null,
  body text not null,
  at timestamptz not null default now(),
  primary key (tenant_id, id),
  unique (ticket_id, marker),
  foreign key (tenant_id, ticket_id) references tickets (tenant_id, id) on delete cascade
);

-- Two tickets that have to do with each other; the smaller id stands first.
create table ticket_relations (
  tenant_id uuid not null,
  ticket_id uuid not null,
  other_id uuid not null,
  at timestamptz not null default now(),
  primary key (tenant_id, ticket_id, other_id),
  foreign key (tenant_id, ticket_id) references tickets (tenant_id, id) on delete cascade,
  foreign key (tenant_id, other_id) references tickets (tenant_id, id) on delete cascade,
  check (ticket_id < other_id)
);

-- What a run is going to write, as it was planned. run_id: Temporal's. readings: how often its board was read, anew after people were waited for.
-- hash null: not planned to its end yet.
create table plans (
  tenant_id uuid not null references tenants,
  id uuid not null,
  kind text not null,
  key_hash text not null,
  run_id text not null,
  wish jsonb not null,
  readings integer not null default 1,
  hash text,
  summary jsonb,
  created_at timestamptz not null default now(),
  primary key (tenant_id, id),
  unique (id),
  unique (tenant_id, run_id)
);
create index plans_of_job on plans (tenant_id, kind, key_hash, created_at);

-- words: the item's, normalised, for its link; absent from what callers see.
create table plan_rows (
  tenant_id uuid not null,
  plan_id uuid not null,
  position integer not null,
  subject text not null,
  row jsonb not null,
  words text not null,
  primary key (plan_id, position),
  unique (plan_id, subject),
  foreign key (tenant_id, plan_id) references plans (tenant_id, id) on delete cascade
);

-- A board while it is read for a plan: Miro's answers page by page, a list each part. Gone when the plan is made,
-- and when nobody has read on for long.
create table board_pages (
  tenant_id uuid not null,
  plan_id uuid not null,
  part text not null,
  number integer not null,
  content jsonb not null,
  read_at timestamptz not null default now(),
  primary key (plan_id, part, number),
  foreign key (tenant_id, plan_id) references plans (tenant_id, id) on delete cascade
);

-- Which ticket an item has; outlives plans and runs. key_hash: of the job. episode advances when a ticket was taken back
-- and is made anew. run_id: the Temporal run that made it. fingerprint: of the item's words as the ticket last had them;
-- words: these, so that a duplicate of the board can be told. revision: the ticket's, as we left it. followed: how often it
-- was told of other words. merged: items that said the same when the board was last planned.
create table ticket_links (
  tenant_id uuid not null,
  key_hash text not null,
  item_id text not null,
  episode integer not null default 1,
  job_id uuid not null,
  run_id text not null,
  outcome text not null check (outcome in ('made', 'found', 'same_as')),
  ticket_id text not null,
  ticket_key text not null,
  ticket_url text,
  revision text,
  title text not null,
  words text not null,
  fingerprint text not null,
  followed integer not null default 0,
  merged text[] not null default '{}',
  x double precision not null,
  y double precision not null,
  made_at timestamptz not null default now(),
  gone_at timestamptz,
  undone_at timestamptz,
  primary key (tenant_id, key_hash, item_id, episode),
  foreign key (tenant_id, job_id) references jobs (tenant_id, id) on delete cascade
);
create index ticket_links_of_run on ticket_links (tenant_id, run_id);

-- What became of the parts of a run, once another run of the same job has begun that has parts of its own. Null: see items.
alter table runs add column past_items jsonb;

-- A run that waits until people have decided on a part of its plan; gone when the wait is over.
create table approval_waits (
  tenant_id uuid not null,
  job_id uuid not null,
  part text not null,
  hash text not null,
  workflow_id text not null,
  run_id text not null,
  needed integer not null check (needed > 0),
  since timestamptz not null default now(),
  primary key (tenant_id, job_id, part),
  foreign key (tenant_id, job_id) references jobs (tenant_id, id) on delete cascade
);
create index approval_waits_of_run on approval_waits (workflow_id, run_id);

-- Temporal's id of the run that asked: a later run of the job asks anew, also for the same plan. No release before has
-- written approvals.
alter table approvals add column run_id text not null;

-- How tickets show on their board, decided before it is written: a later attempt writes the same, and an undo knows what
-- was written. subjects: `<item id>.<episode>` of each ticket in it. dropped: never written, its tickets are free again.
create table link_backs (
  tenant_id uuid not null references tenants,
  job_id uuid not null,
  number integer not null,
  way text not null check (way in ('list', 'card', 'text')),
  state text not null default 'open' check (state in ('open', 'done', 'dropped')),
  subjects text[] not null,
  plan jsonb not null,
  primary key (job_id, number),
  foreign key (tenant_id, job_id) references jobs (tenant_id, id) on delete cascade
);
