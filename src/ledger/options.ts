import type { Logger } from '../log.ts';
import type { SealKeys } from './sealing.ts';

/** Wait that doubles from `firstMs` to at most `longestMs`, milliseconds. */
export type Backoff = { firstMs: number; longestMs: number };

export type LedgerOptions = {
  /** PostgreSQL's connection URL; a folder as host (`?host=/path`) is a Unix socket. */
  url: string;
  log?: Logger | undefined;
  /** Connections at most, default 8. */
  poolSize?: number;
  /** How long the sweep leaves a pair alone whose last proof was open. Default 1 min, doubling to 30 min; a new desired or decision ends it. */
  openWait?: Backoff;
  /** The same after a failed attempt. Default 5 s, doubling to 5 min. */
  failureWait?: Backoff;
  /** What device tokens are sealed with. Absent: devices are seen and forgotten, but none is registered and no token is read. */
  sealKeys?: SealKeys | undefined;
};

export const OPEN_WAIT: Backoff = { firstMs: 60_000, longestMs: 30 * 60_000 };
export const FAILURE_WAIT: Backoff = { firstMs: 5_000, longestMs: 5 * 60_000 };
