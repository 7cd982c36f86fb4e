import { sql, type Kysely } from 'kysely';

/** Rows that are evidence as soon as they are written. */
const WRITTEN_ONCE = ['desired', 'decision', 'proof', 'refusal', 'failure', 'timeline_entry', 'hold'];
/** Rows that are evidence once this column is filled. */
const CLOSED_BY: Readonly<Record<string, string>> = {
  change: 'settled_at',
  obligation: 'closed_at',
  hold_item: 'released_at',
};

const REFUSE = `
create function tenure.refuse_rewriting() returns trigger language plpgsql as $$
begin
  raise exception 'Evidence is never rewritten: % of a closed row in %', lower(tg_op), tg_table_name using errcode = 'TN001';
end $$;
`;

const always = (table: string): string => `
create trigger evidence before update or delete on tenure.${table} for each row execute function tenure.refuse_rewriting();
create trigger evidence_kept before truncate on tenure.${table} for each statement execute function tenure.refuse_rewriting();
`;

const onceClosed = ([table, column]: readonly [string, string]): string => `
create trigger evidence before update on tenure.${table} for each row when (old.${column} is not null) execute function tenure.refuse_rewriting();
create trigger evidence_kept before delete on tenure.${table} for each row execute function tenure.refuse_rewriting();
create trigger evidence_whole before truncate on tenure.${table} for each statement execute function tenure.refuse_rewriting();
`;

/** An open change may only learn its outcome; what was intended stands from the first moment. */
const INTENT_STANDS = `
create trigger intent_stands before update on tenure.change for each row
when ((old.person, old.target, old.op, old.entitlement, old.change, old.before, old.number, old.decision_version, old.fence, old.holder, old.intended_at, old.may_land_until)
  is distinct from (new.person, new.target, new.op, new.entitlement, new.change, new.before, new.number, new.decision_version, new.fence, new.holder, new.intended_at, new.may_land_until))
execute function tenure.refuse_rewriting();
`;

export async function up(db: Kysely<unknown>): Promise<void> {
  const triggers = [...WRITTEN_ONCE.map(always), ...Object.entries(CLOSED_BY).map(onceClosed)];
  await sql.raw([REFUSE, ...triggers, INTENT_STANDS].join('')).execute(db);
}
