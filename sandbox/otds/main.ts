import { runStandIn } from '../common/entry.ts';
import { otds } from './standIn.ts';

/** `node sandbox/otds/main.ts --port N --control-port N [--data DIR] [--host H] [--password P] [--client-secret S]` */
await runStandIn(
  (flags) =>
    otds({
      password: flags['password'] ?? process.env['OTDS_SANDBOX_PASSWORD'] ?? 'otds-sandbox',
      clientSecret: flags['client-secret'] ?? process.env['OTDS_SANDBOX_SECRET'] ?? 'otds-sandbox-secret',
    }),
  ['password', 'client-secret'],
);
