import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { runStandIn } from '../common/entry.ts';
import { serviceAccountOf, writeKeyFile } from './keys.ts';
import type { ServiceAccount } from './keys.ts';
import { fcmStandIn } from './standIn.ts';
import { PROJECT, TOKENS } from './state.ts';

/**
 * `node sandbox/fcm/main.ts --port N --control-port N [--data DIR] [--project ID] [--strict]`
 * Writes `fcm-service-account.json` (mode 0600) into the data folder, or into a fresh temporary one.
 */
process.stderr.write('This is a stand-in of FCM for tests and trials, with made-up phones only; it is not Google.\n');

let own: { file: string; serviceAccount: ServiceAccount } | undefined;

/** A folder that goes when we go. */
function passingFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'fcm-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

await runStandIn(
  (flags) => {
    const folder = flags['data'] === undefined ? passingFolder() : resolve(flags['data']);
    mkdirSync(folder, { recursive: true });
    const file = join(folder, 'fcm-service-account.json');
    const serviceAccount = serviceAccountOf(file, flags['project'] ?? PROJECT);
    own = { file, serviceAccount };
    return fcmStandIn({ account: serviceAccount.account, strict: flags['strict'] === 'true' });
  },
  ['project'],
  ['strict'],
  ({ url }) => {
    if (!own) return {};
    writeKeyFile(own.file, own.serviceAccount, url);
    const { file, serviceAccount } = own;
    const { live: token, gone: tokenGone } = TOKENS;
    return { project: serviceAccount.account.project, serviceAccountFile: file, token, tokenGone };
  },
);
