import { runStandIn } from '../common/entry.ts';
import { notificationsStandIn } from './standIn.ts';
import { TENANT, USUAL_SECRETS } from './state.ts';

/**
 * `node sandbox/notifications/main.ts --port N --control-port N [--data DIR] [--user U] [--password P] [--client-id I]
 * [--client-secret S] [--strict]`; each secret also from `NOTIFICATIONS_SANDBOX_…`.
 */
process.stderr.write(
  'This is a stand-in of OpenText Notifications for tests and trials, with made-up phones only; it is not OpenText.\n',
);

function secret(flags: Record<string, string>, flag: string, usual: string): string {
  return flags[flag] ?? process.env[`NOTIFICATIONS_SANDBOX_${flag.replace('-', '_').toUpperCase()}`] ?? usual;
}

await runStandIn(
  (flags) =>
    notificationsStandIn({
      strict: flags['strict'] === 'true',
      secrets: {
        user: secret(flags, 'user', USUAL_SECRETS.user),
        password: secret(flags, 'password', USUAL_SECRETS.password),
        clientId: secret(flags, 'client-id', USUAL_SECRETS.clientId),
        clientSecret: secret(flags, 'client-secret', USUAL_SECRETS.clientSecret),
      },
    }),
  ['user', 'password', 'client-id', 'client-secret'],
  ['strict'],
  ({ url }) => ({ tokenUrl: `${url}/tenants/${TENANT}/oauth2/token` }),
);
