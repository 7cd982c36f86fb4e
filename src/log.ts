import { pino } from 'pino';
import type { DestinationStream, Logger as PinoLogger } from 'pino';

/** The one logger: structured, one JSON line per event. */
export type Logger = PinoLogger;

export type LogOptions = {
  /** Default `info`. */
  level?: string | undefined;
  /** Where lines go. Default: standard error, so that standard output stays for results. */
  to?: DestinationStream;
  /** Values that must never appear in a line, whatever field or sentence they stand in; shorter than 6 characters are ignored. */
  secrets?: readonly string[];
};

const SECRET_NAMES = [
  'password',
  'passwd',
  'token',
  'authToken',
  'auth_token',
  'accessToken',
  'access_token',
  'refreshToken',
  'refresh_token',
  'secret',
  'clientSecret',
  'client_secret',
  'apiKey',
  'api_key',
  'authorization',
  'Authorization',
  'cookie',
  'Cookie',
  'set-cookie',
  'ticket',
  'OTDSTicket',
  'otdsticket',
  'Auth-Token',
  'auth-token',
  'codecKey',
  'databaseUrl',
];

/** pino's wildcard misses the top level, so every name stands there and one to three levels down (PLUMBING 6). */
function redactPaths(): string[] {
  return ['', '*.', '*.*.', '*.*.*.'].flatMap((prefix) =>
    SECRET_NAMES.map((name) => (name.includes('-') ? `${prefix.replace(/\.$/, '')}["${name}"]` : `${prefix}${name}`)),
  );
}

/** In sentences of other people's errors: `Bearer x`, `password=x`, the password of a URL. */
const IN_TEXT: readonly [RegExp, string][] = [
  [/\b(Bearer|Basic)\s+[A-Za-z0-9._~+/=-]{6,}/g, '$1 [redacted]'],
  [
    /\b(password|passwd|client_secret|secret|token|OTDSTicket|ticket)(\\?["']?\s*[=:]\s*\\?["']?)(?!\[redacted\])[^\s"'\\&,}]+/gi,
    '$1$2[redacted]',
  ],
  [/(\b[a-z][a-z0-9+.-]*:\/\/[^\s/:@"]*):[^\s/@"]+@/gi, '$1:[redacted]@'],
];

/** Makes the logger. Lines carry no host name and no process title: only time, level, message and what is passed. */
export function createLogger(options: LogOptions = {}): Logger {
  const secrets = (options.secrets ?? [])
    .filter((value) => value.length >= 6)
    .map((value) => JSON.stringify(value).slice(1, -1));
  const scrub = (line: string): string => {
    let clean = line;
    for (const value of secrets) clean = clean.replaceAll(value, '[redacted]');
    for (const [pattern, replacement] of IN_TEXT) clean = clean.replace(pattern, replacement);
    return clean;
  };
  return pino(
    {
      level: options.level ?? 'info',
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: redactPaths(), censor: '[redacted]' },
      hooks: { streamWrite: scrub },
    },
    options.to ?? pino.destination({ dest: 2, sync: true }),
  );
}
