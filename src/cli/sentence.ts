import { ConfigError } from '../config/load.ts';
import { EnvError } from '../config/env.ts';
import { LedgerError } from '../ledger/errors.ts';
import { EngineError } from '../provisioning/engine.ts';
import { SystemError } from '../systems/errors.ts';
import { CliError } from './cli.ts';

/** What to say of an error. Ours are sentences already; another is a mistake in Tenure and keeps its stack for a report. */
export function sentenceOf(error: unknown): string {
  if (error instanceof LedgerError && error.code === 'LEDGER_UNAVAILABLE') {
    return 'The ledger (PostgreSQL) does not answer. Is the local system running (npm start), or is DATABASE_URL right? tenure doctor looks at everything.';
  }
  const ours = [CliError, ConfigError, EnvError, EngineError, SystemError, LedgerError].some(
    (type) => error instanceof type,
  );
  if (ours && error instanceof Error) return error.message;
  if (error instanceof Error && error.constructor === Error) return error.message;
  return `This is a mistake in Tenure: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
}
