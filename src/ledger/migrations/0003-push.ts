import { sql, type Kysely } from 'kysely';

/** Devices that notices are pushed to, and every send of a notice, recorded before it is made. */
const TABLES = `
create table tenure.device (
  id            text primary key default gen_random_uuid()::text,
  -- The uuid; no reference: an app may be there before Tenure has heard of its owner.
  person        text not null,
  driver        text not null,
  platform      text not null,
  -- SHA-256 of the token, to know it again; the token itself is sealed.
  digest        text not null,
  sealed        text not null,
  registered_at timestamptz not null default clock_timestamp(),
  seen_at       timestamptz not null default clock_timestamp(),
  unique (driver, digest)
);
create index device_person on tenure.device (person, seen_at desc);

create table tenure.notice_send (
  key         text not null,
  channel     text not null,
  -- Tells the sends of one channel apart: a device, or nothing.
  part        text not null,
  person      text not null,
  recipient   text not null,
  state       text not null check (state in ('intended', 'waiting', 'accepted', 'rejected', 'unknown')),
  ref         text,
  code        text,
  tries       integer not null default 1,
  intended_at timestamptz not null default clock_timestamp(),
  settled_at  timestamptz,
  primary key (key, channel, part)
);
create index notice_send_person on tenure.notice_send (person, intended_at);
`;

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql.raw(TABLES).execute(db);
}
