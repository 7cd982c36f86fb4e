import { test } from '@jest/globals';
import { findDaemon } from '../support/daemons.ts';
import { ftpTraits, openFtp } from './benches/ftp.ts';
import { conformance } from './suite.ts';

const proftpd = findDaemon('proftpd');

if ('missing' in proftpd) test.skip(`ftp as a target (skipped: ${proftpd.missing})`, () => undefined);
else conformance(ftpTraits, () => openFtp(proftpd));
