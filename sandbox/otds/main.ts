import { runStandIn } from '../common/entry.ts';
import { otds, USUAL_SECRETS } from './standIn.ts';

/** `node sandbox/otds/main.ts --port N --control-port N [--data DIR] [--host H] [--password P] [--client-secret S] [--strict]` */
await runStandIn(
  (flags) =>
    otds({
      password: flags['password'] ?? process.env['OTDS_SANDBOX_PASSWORD'] ?? USUAL_SECRETS.password,
      strict: flags['strict'] === 'true',
      clientSecret: flags['client-secret'] ?? process.env['OTDS_SANDBOX_SECRET'] ?? USUAL_SECRETS.clientSecret,
    }),
  ['password', 'client-secret'],
  ['strict'],
);
