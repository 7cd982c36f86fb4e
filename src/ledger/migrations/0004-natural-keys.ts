import { sql, type Kysely } from 'kysely';

/** Reconciliation asks whose an account may be, by login and e-mail, for a page of accounts at a time. */
const INDEXES = `
create index person_who_anycase on tenure.person (lower(who));
create index desired_email on tenure.desired (lower(btrim(body #>> '{person,fields,email}')));
`;

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql.raw(INDEXES).execute(db);
}
