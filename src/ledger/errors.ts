/** `LEDGER_UNAVAILABLE`: nobody there, or busy; try again. `LEDGER_UNKNOWN`: names a person, decision or hold that is not there. `LEDGER_FAILED`: a mistake of ours. */
export type LedgerErrorCode = 'LEDGER_UNAVAILABLE' | 'LEDGER_UNKNOWN' | 'LEDGER_FAILED';

/** The one error shape of the ledger. Never carries the connection string, a row or a value. */
export class LedgerError extends Error {
  readonly code: LedgerErrorCode;
  readonly retryable: boolean;
  /** PostgreSQL's SQLSTATE or Node's error code, where there was one. */
  readonly state: string | undefined;

  constructor(code: LedgerErrorCode, message: string, state?: string) {
    super(message);
    this.name = 'LedgerError';
    this.code = code;
    this.retryable = code === 'LEDGER_UNAVAILABLE';
    this.state = state;
  }
}

/** Node's codes and PostgreSQL's classes that mean "not now": connection (08), resources (53), operator intervention (57), deadlock and serialization (40). */
const AWAY = /^(?:ECONN|EPIPE|ENOENT|EACCES|ETIMEDOUT|EHOST|ENET|ENOTFOUND|EAI_|08|53|57P|57014|40)/u;
/** node-postgres says these without a code. */
const AWAY_TEXT = /terminat|timeout|not queryable|connection error|server closed|Cannot use a pool/iu;
const FOREIGN_KEY = '23503';

/** Reduces whatever the driver threw to a `LedgerError`: code and our own sentence, no vendor text (it may quote rows). */
export function ledgerError(error: unknown, doing: string): LedgerError {
  if (error instanceof LedgerError) return error;
  const { state, text } = parts(error);
  if (state ? AWAY.test(state) : AWAY_TEXT.test(text)) {
    return new LedgerError(
      'LEDGER_UNAVAILABLE',
      `The ledger (PostgreSQL) did not answer while ${doing}${state ? ` (${state})` : ''}. It is tried again; if this lasts, see that the database of the ledger runs.`,
      state,
    );
  }
  if (state === FOREIGN_KEY)
    return new LedgerError(
      'LEDGER_UNKNOWN',
      `The ledger does not know the person named while ${doing}: note the person first.`,
      state,
    );
  return new LedgerError(
    'LEDGER_FAILED',
    `The ledger refused ${doing}${state ? ` (SQLSTATE ${state})` : ''}. This is a mistake in Tenure or in the database's schema, not an outage.`,
    state,
  );
}

/** By shape, not by class: errors of the driver and of Node's core need not be of this realm. */
function parts(error: unknown): { state: string | undefined; text: string } {
  if (typeof error !== 'object' || error === null) return { state: undefined, text: String(error) };
  const state = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  return { state, text: 'message' in error && typeof error.message === 'string' ? error.message : '' };
}
