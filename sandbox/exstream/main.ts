import { runStandIn } from '../common/entry.ts';
import { SECRETS } from './seed.ts';
import { exstreamStandIn } from './standIn.ts';

/**
 * `node sandbox/exstream/main.ts --port N --control-port N [--data DIR] [--host H] [--otds URL] [--otds-resource NAME]
 * [--client-secret S] [--password P] [--strict]`
 */
process.stderr.write(
  'This is a stand-in of OpenText Exstream for tests and trials, with made-up people only; it is not Exstream.\n',
);

await runStandIn(
  (flags) =>
    exstreamStandIn({
      ...(flags['otds'] === undefined ? {} : { otds: flags['otds'] }),
      ...(flags['otds-resource'] === undefined ? {} : { resource: flags['otds-resource'] }),
      strict: flags['strict'] === 'true',
      secrets: {
        clientSecret: flags['client-secret'] ?? process.env['EXSTREAM_SANDBOX_SECRET'] ?? SECRETS.clientSecret,
        password: flags['password'] ?? process.env['EXSTREAM_SANDBOX_PASSWORD'] ?? SECRETS.password,
      },
    }),
  ['otds', 'otds-resource', 'client-secret', 'password'],
  ['strict'],
  ({ url }) => ({ tokenUrl: `${url}/otdstenant/northwind/oauth2/token` }),
);
