import { sql, type Kysely } from 'kysely';

/** Everything the ledger keeps. One schema of its own, so that a shared database stays tidy. */
const TABLES = `
create table tenure.person (
  uuid             text primary key,
  login            text not null,
  partition        text not null,
  who              text not null,
  who_since        timestamptz not null default clock_timestamp(),
  -- Number of the newest desired, 0 before the first. This row is the lock that orders desired, decisions, intents and proofs of one person.
  newest           integer not null default 0,
  decision_version integer not null default 0,
  demands          integer not null default 0
);
create index person_who on tenure.person (who, who_since desc);

create table tenure.desired (
  person           text not null references tenure.person,
  number           integer not null check (number > 0),
  digest           text not null,
  standing         text not null check (standing in ('joiner', 'active', 'leaver')),
  policy_digest    text not null,
  body             jsonb not null,
  run              jsonb,
  decision_version integer not null,
  stored_at        timestamptz not null default clock_timestamp(),
  primary key (person, number)
);

create table tenure.decision (
  id           bigint generated always as identity primary key,
  person       text not null references tenure.person,
  version      integer not null check (version > 0),
  -- Given by callers that may repeat themselves: the same key is the same decision.
  key          text,
  kind         text not null,
  rule         text,
  demand       integer,
  digest       text,
  effective_at timestamptz,
  ends_at      timestamptz,
  ends         bigint references tenure.decision,
  body         jsonb not null,
  decided_at   timestamptz not null default clock_timestamp(),
  unique (person, version),
  unique (person, key)
);
create index decision_rule on tenure.decision (person, rule, demand);

create table tenure.lease (
  key        text primary key,
  holder     text,
  fence      bigint not null,
  expires_at timestamptz not null
);

create table tenure.pair (
  person                  text not null references tenure.person,
  target                  text not null,
  unproved                boolean not null default true,
  unproved_since          timestamptz default clock_timestamp(),
  -- Time alone makes the pair unproved from here on (rule 10).
  due_at                  timestamptz,
  -- Rule 5: no read before this can prove anything.
  provisional_until       timestamptz,
  -- Last sign of a late attempt: only reads after it count.
  disturbed_at            timestamptz,
  open                    text[] not null default '{}',
  tries                   integer not null default 0,
  next_try_at             timestamptz,
  last_error              text,
  last_error_at           timestamptz,
  proved_number           integer,
  proved_decision_version integer,
  proved_fence            bigint,
  proved_read_at          timestamptz,
  proved_at               timestamptz,
  proved_account          text,
  primary key (person, target)
);
create index pair_unproved on tenure.pair (unproved_since) where unproved;
create index pair_due on tenure.pair (due_at) where due_at is not null;

create table tenure.change (
  id               bigint generated always as identity primary key,
  person           text not null,
  target           text not null,
  op               text not null,
  entitlement      text,
  -- What the change is about: the entitlement's key, or 'account'.
  subject          text generated always as (coalesce(entitlement, 'account')) stored,
  change           jsonb not null,
  before           text not null,
  number           integer not null,
  decision_version integer not null,
  fence            bigint not null,
  holder           text not null,
  intended_at      timestamptz not null default clock_timestamp(),
  may_land_until   timestamptz not null,
  settled_at       timestamptz,
  -- applied, refused, seen, outlived; 'unknown' while not settled.
  outcome          text,
  code             text,
  foreign key (person, target) references tenure.pair
);
create index change_pair on tenure.change (person, target, id);
create index change_open on tenure.change (person, target) where settled_at is null;
create index change_settled on tenure.change (person, target, settled_at);
create index change_revoked on tenure.change (intended_at) where op in ('revoke', 'disable', 'delete');

create table tenure.proof (
  id               bigint generated always as identity primary key,
  person           text not null,
  target           text not null,
  state            text not null check (state in ('proved', 'provisional', 'open', 'late')),
  number           integer not null,
  decision_version integer not null,
  fence            bigint not null,
  read_began_at    timestamptz not null,
  written_at       timestamptz not null default clock_timestamp(),
  -- Newest change of the pair when the proof was written: a valid proof covers it and all before.
  covers           bigint not null,
  actual           jsonb not null,
  open             text[] not null,
  until            timestamptz,
  foreign key (person, target) references tenure.pair
);
create index proof_pair on tenure.proof (person, target, id);

create table tenure.obligation (
  person    text not null,
  target    text not null,
  subject   text not null,
  -- The desired number that the revocation comes from (rule 8).
  number    integer not null,
  opened_at timestamptz not null default clock_timestamp(),
  closed_at timestamptz,
  outcome   text check (outcome in ('revoked', 'overtaken', 'leftAlone')),
  proof     bigint references tenure.proof,
  primary key (person, target, subject, number),
  foreign key (person, target) references tenure.pair
);
create index obligation_open on tenure.obligation (person, target) where closed_at is null;

create table tenure.link (
  person    text not null references tenure.person,
  target    text not null,
  native_id text not null,
  how       text not null,
  by        text not null,
  linked_at timestamptz not null default clock_timestamp(),
  primary key (person, target),
  constraint link_one_person unique (target, native_id)
);

create table tenure.claim (
  person      text not null references tenure.person,
  type        text not null,
  workflow_id text not null,
  run_id      text not null,
  claimed_at  timestamptz not null default clock_timestamp(),
  primary key (person, type)
);

create table tenure.hold (
  id      text primary key,
  kind    text not null,
  reason  text not null,
  held_at timestamptz not null default clock_timestamp()
);
create table tenure.hold_item (
  hold        text not null references tenure.hold,
  id          text not null,
  who         text not null,
  what        text not null,
  released_at timestamptz,
  released_by text,
  reason      text,
  primary key (hold, id)
);

create table tenure.refusal (
  id         bigint generated always as identity primary key,
  person     text references tenure.person,
  by         text not null,
  identity   text,
  what       text not null,
  why        text not null,
  refused_at timestamptz not null default clock_timestamp()
);
create index refusal_person on tenure.refusal (person);

create table tenure.failure (
  id        bigint generated always as identity primary key,
  person    text not null,
  target    text not null,
  code      text not null,
  message   text not null,
  failed_at timestamptz not null default clock_timestamp(),
  foreign key (person, target) references tenure.pair
);
create index failure_person on tenure.failure (person);

create table tenure.timeline_entry (
  id         bigint generated always as identity primary key,
  person     text not null references tenure.person,
  entered_at timestamptz not null default clock_timestamp(),
  kind       text not null,
  target     text,
  text       text not null,
  run        text,
  number     integer
);
create index timeline_entry_person on tenure.timeline_entry (person);
`;

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql.raw(TABLES).execute(db);
}
