import pg from 'pg';
import type { Logger } from '../log.ts';
import { ledgerError } from './errors.ts';

export type DatabaseOptions = {
  /** Connection URL; its password never leaves this file. */
  url: string;
  log?: Logger | undefined;
  /** Connections at most. Default 8: statements are short, many workers share one server. */
  poolSize?: number | undefined;
};

/** How the areas of the ledger reach PostgreSQL: one statement, one round trip, counted. */
export type Database = {
  /**
   * Runs one statement and returns its rows. `name` is the statement's own (it is prepared once per connection), `doing` the end of the sentence
   * "The ledger did not answer while …". Throws `LedgerError` only.
   */
  rows<Row extends object>(name: string, doing: string, text: string, values?: readonly unknown[]): Promise<Row[]>;
  /** The single value `r` of a statement that returns exactly one row. */
  value<T>(name: string, doing: string, text: string, values?: readonly unknown[]): Promise<T>;
  /** Statements sent since the start. */
  statements: () => number;
  close: () => Promise<void>;
};

const INT8 = 20;
const NUMERIC = 1700;
/** The one place where PostgreSQL's wide numbers become JavaScript's: ids and counts stay far below 2^53. */
const types = new pg.TypeOverrides();
types.setTypeParser(INT8, Number);
types.setTypeParser(NUMERIC, Number);

/** Time a statement may take before the server ends it, milliseconds; the client gives up a little later (a frozen server). */
const STATEMENT_MS = 15_000;

/** A small pool that heals itself: a connection lost to a restart is replaced by the next call. */
export function connect({ url, log, poolSize = 8 }: DatabaseOptions): Database {
  const pool = new pg.Pool({
    connectionString: url,
    max: poolSize,
    types,
    connectionTimeoutMillis: 5_000,
    statement_timeout: STATEMENT_MS,
    query_timeout: STATEMENT_MS + 5_000,
    keepAlive: true,
    application_name: 'tenure',
  });
  // Idle connections get 57P01 when the server goes; without a listener that would end the process (PLUMBING 3.4).
  pool.on('error', (error) =>
    log?.warn(
      { code: ledgerError(error, 'idle').state },
      'A connection to the ledger was lost; the next call opens another',
    ),
  );
  let sent = 0;

  async function rows<Row extends object>(
    name: string,
    doing: string,
    text: string,
    values: readonly unknown[] = [],
  ): Promise<Row[]> {
    sent++;
    try {
      return (await pool.query<Row>({ name, text, values: [...values] })).rows;
    } catch (error) {
      throw ledgerError(error, doing);
    }
  }
  return {
    rows,
    async value<T>(name: string, doing: string, text: string, values?: readonly unknown[]): Promise<T> {
      const [row] = await rows<{ r: T }>(name, doing, text, values);
      if (!row) throw ledgerError(new Error(`no row from ${name}`), doing);
      return row.r;
    },
    statements: () => sent,
    close: () => pool.end(),
  };
}
