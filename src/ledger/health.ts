import pg from 'pg';
import { MIGRATIONS } from './migrations/all.ts';
import { RULES_DIGEST } from './rules/all.ts';

export type LedgerHealth = {
  reachable: boolean;
  /** PostgreSQL's version. */
  version?: string;
  /** Its clock minus ours, milliseconds, to about half the time of the question. */
  clockSkewMs?: number;
  /** Migrations of this version that the database lacks; undefined where it is not a ledger at all. */
  missing?: readonly string[];
  /** Whether its rules are this version's. */
  rulesCurrent?: boolean;
  /** One sentence per thing to mend. */
  problems: readonly string[];
};

/** Looks at the ledger's database and changes nothing. Never throws: a database that is down is an answer. Limit 5 s. */
export async function ledgerHealth(url: string): Promise<LedgerHealth> {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: 5_000,
    query_timeout: 5_000,
    application_name: 'tenure doctor',
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
    const before = Date.now();
    const server = await one<{ version: string; now: Date; tables: boolean; rules: boolean }>(
      client,
      `select current_setting('server_version') as version, clock_timestamp() as now,
        to_regclass('tenure.kysely_migration') is not null as tables, to_regclass('tenure.rules_text') is not null as rules`,
    );
    const clockSkewMs = server.now.getTime() - Math.round((before + Date.now()) / 2);
    const found = { reachable: true, version: server.version, clockSkewMs };
    if (!server.tables || !server.rules) {
      return {
        ...found,
        problems: ['The database has no ledger yet: start a worker, which creates it, or check DATABASE_URL.'],
      };
    }
    const done = (await client.query<{ name: string }>('select name from tenure.kysely_migration')).rows.map(
      (row) => row.name,
    );
    const missing = Object.keys(MIGRATIONS).filter((name) => !done.includes(name));
    const rulesCurrent =
      (await one<{ digest?: string }>(client, 'select max(digest) as digest from tenure.rules_text')).digest ===
      RULES_DIGEST;
    const problems = [
      ...(missing.length > 0
        ? [
            `The ledger lacks the migrations ${missing.join(', ')}: restart a worker of this version, which applies them.`,
          ]
        : []),
      ...(rulesCurrent
        ? []
        : [
            'The rules in the ledger are of another version of Tenure: restart a worker of this version, and end those of others.',
          ]),
    ];
    return { ...found, missing, rulesCurrent, problems };
  } catch (error) {
    const state = error instanceof Error && 'code' in error && typeof error.code === 'string' ? ` (${error.code})` : '';
    return {
      reachable: false,
      problems: [`The ledger (PostgreSQL) does not answer${state}: see that it runs and that DATABASE_URL is right.`],
    };
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function one<Row extends object>(client: pg.Client, text: string): Promise<Row> {
  const [row] = (await client.query<Row>(text)).rows;
  if (!row) throw new Error('no row');
  return row;
}
