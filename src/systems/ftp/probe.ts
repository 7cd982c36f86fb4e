import { SystemError } from '../errors.ts';
import type { CallContext, ProbeResult } from '../port.ts';
import type { Ftp } from './context.ts';

/** Errors that come before a login was answered. */
const UNREACHED = new Set([
  'FTP_UNAVAILABLE',
  'FTP_TIMEOUT',
  'FTP_RESET',
  'FTP_TLS',
  'FTP_HOST_KEY',
  'FTP_NOT_ENCRYPTED',
  'FTP_ABORTED',
]);

/** Logs in to every partner's server and reads the list. Writes nothing: whether a rename may replace a file shows with the first change. */
export async function probe(ftp: Ftp, call: CallContext): Promise<ProbeResult> {
  const partners = await Promise.all(
    [...ftp.lists.values()].map(async (list) => ({ name: list.name, error: await failureOf(list.read(call.signal)) })),
  );
  const codes = partners.map(({ error }) => error?.code ?? '');
  const reachable = codes.every((code) => !UNREACHED.has(code));
  return {
    reachable,
    credentials: reachable && !codes.includes('FTP_CREDENTIALS'),
    capabilities: Object.fromEntries(partners.map(({ name, error }) => [`read list ${name}`, error === undefined])),
    problems: partners.flatMap(({ error }) => (error ? [error.message] : [])),
  };
}

async function failureOf(work: Promise<unknown>): Promise<SystemError | undefined> {
  try {
    await work;
    return undefined;
  } catch (error) {
    if (error instanceof SystemError) return error;
    throw error;
  }
}
