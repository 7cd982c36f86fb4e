import type { LogLevel, LogMetadata, Logger as SdkLogger } from '@temporalio/common';
import type { Logger } from '../log.ts';
import { classOf, mayLeave, unexpectedId } from './unexpected.ts';

/** Fields of SDK log entries that hold whole tasks: inputs of people's runs, so they are left out. */
const WHOLE_TASKS = new Set(['task', 'taskEncoded', 'activation', 'completion', 'input', 'args', 'details']);

const LEVELS = { TRACE: 'trace', DEBUG: 'debug', INFO: 'info', WARN: 'warn', ERROR: 'error' } as const;

/** Said at every start of a process whose queues are split by purpose, and of no use to anybody. */
const USUAL = /^(No (workflows|activities|Nexus services) registered|Worker state changed)/;

/** The SDK's log into ours. An unforeseen error gets the id that stands in the reduced failure (`unexpected.ts`). */
export function sdkLogger(log: Logger): SdkLogger {
  const write = (level: LogLevel, message: string, meta?: LogMetadata): void =>
    log[USUAL.test(message) ? 'debug' : LEVELS[level]](fields(meta), message);
  return {
    log: write,
    trace: (message, meta) => write('TRACE', message, meta),
    debug: (message, meta) => write('DEBUG', message, meta),
    info: (message, meta) => write('INFO', message, meta),
    warn: (message, meta) => write('WARN', message, meta),
    error: (message, meta) => write('ERROR', message, meta),
  };
}

function fields(meta: LogMetadata | undefined): Record<string, unknown> {
  const found: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(meta ?? {})) {
    if (name === 'error') Object.assign(found, errorFields(value));
    else if (!WHOLE_TASKS.has(name)) found[name] = typeof value === 'bigint' ? Number(value) : value;
  }
  return found;
}

function errorFields(error: unknown): Record<string, unknown> {
  const type =
    typeof error === 'object' && error !== null && 'type' in error && typeof error.type === 'string'
      ? error.type
      : classOf(error);
  const message = error instanceof Error ? error.message : String(error);
  return mayLeave(type, message) ? { code: type, problem: message } : { id: unexpectedId(type, message), err: error };
}
