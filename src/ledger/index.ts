import { bulkRules } from './bulk.ts';
import { claimRows } from './claims.ts';
import { connect } from './database.ts';
import { decisionRules } from './decisions.ts';
import { deviceRegistry } from './devices.ts';
import { holdRows } from './holds.ts';
import { intentRules } from './intents.ts';
import { leaseRules } from './leases.ts';
import { linkRows } from './links.ts';
import { migrate } from './migrate.ts';
import { noticeLog } from './notices.ts';
import { FAILURE_WAIT, OPEN_WAIT, type LedgerOptions } from './options.ts';
import { pairView, type PairView } from './pairs.ts';
import { proofRules } from './proofs.ts';
import { resolveRules } from './resolve.ts';
import { timelineRows } from './timeline.ts';
import type { Ledger } from './types.ts';
import { unprovedRules } from './unproved.ts';
import { watchRules } from './watch.ts';
import type { DeviceRegistry, NoticeLog } from '../systems/push/ports.ts';

export { migrate };

/** The ledger on PostgreSQL. */
export type PostgresLedger = Ledger &
  PairView & {
    devices: DeviceRegistry;
    notices: NoticeLog;
    /** Statements (round trips) sent since the start: for the benchmark. */
    statements(): number;
  };

/** Connects lazily to a database that `migrate` brought up to date. Every method throws `LedgerError` only. */
export function createLedger(options: LedgerOptions): PostgresLedger {
  const db = connect(options);
  return {
    ...resolveRules(db),
    ...decisionRules(db),
    ...leaseRules(db, options.failureWait ?? FAILURE_WAIT),
    ...intentRules(db),
    ...proofRules(db, options.openWait ?? OPEN_WAIT),
    ...bulkRules(db),
    ...linkRows(db),
    ...unprovedRules(db),
    ...claimRows(db),
    ...holdRows(db),
    ...watchRules(db),
    ...timelineRows(db),
    ...pairView(db),
    devices: deviceRegistry(db, options.sealKeys),
    notices: noticeLog(db),
    statements: db.statements,
    close: db.close,
  };
}

/** Migrates, then connects. */
export async function openLedger(options: LedgerOptions): Promise<PostgresLedger> {
  await migrate(options.url);
  return createLedger(options);
}
