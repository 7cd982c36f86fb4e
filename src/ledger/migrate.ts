import { Kysely, PostgresDialect } from 'kysely';
import { Migrator } from 'kysely/migration';
import pg from 'pg';
import { ledgerError } from './errors.ts';
import { MIGRATIONS } from './migrations/all.ts';
import { RULES, RULES_DIGEST } from './rules/all.ts';

/** Any number that only Tenure's migrations use. */
const LOCK = 7_303_014;

/**
 * Brings the database to the schema and rules of this version. Safe when several processes do it at once: one works, the others wait and find
 * nothing to do. Throws `LedgerError`.
 */
export async function migrate(url: string): Promise<void> {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: 5_000,
    application_name: 'tenure migrate',
  });
  // A server that goes away while nothing is asked reports it here; the next statement says so to the caller.
  client.on('error', () => undefined);
  try {
    await client.connect();
    // A session lock on a connection of its own: it covers creating the schema too, which the migrator's own lock comes too late for.
    await client.query('select pg_advisory_lock($1)', [LOCK]);
    await client.query('create schema if not exists tenure');
    await migrateTables(url);
    await replaceRules(client);
  } catch (error) {
    throw ledgerError(error, 'updating its schema');
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function migrateTables(url: string): Promise<void> {
  const pool = new pg.Pool({ connectionString: url, max: 2, application_name: 'tenure migrate' });
  pool.on('error', () => undefined);
  const db = new Kysely<unknown>({ dialect: new PostgresDialect({ pool }) });
  try {
    const migrator = new Migrator({
      db,
      provider: { getMigrations: () => Promise.resolve({ ...MIGRATIONS }) },
      migrationTableSchema: 'tenure',
    });
    const { error } = await migrator.migrateToLatest();
    if (error) throw ledgerError(error, 'updating its tables');
  } finally {
    await db.destroy();
  }
}

/** Functions hold no data: all of them are replaced in one transaction when their text is another than the database's. */
async function replaceRules(client: pg.Client): Promise<void> {
  await client.query(
    'create table if not exists tenure.rules_text (only_row boolean primary key default true check (only_row), digest text not null)',
  );
  const held = await client.query<{ digest: string }>('select digest from tenure.rules_text');
  if (held.rows[0]?.digest === RULES_DIGEST) return;
  try {
    await client.query('begin');
    await client.query(RULES);
    await client.query(
      'insert into tenure.rules_text (digest) values ($1) on conflict (only_row) do update set digest = excluded.digest',
      [RULES_DIGEST],
    );
    await client.query('commit');
  } catch (error) {
    await client.query('rollback');
    throw error;
  }
}
