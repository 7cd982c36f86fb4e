import { runStandIn } from '../common/entry.ts';
import { SERVICE } from './seed.ts';
import { iconikStandIn } from './standIn.ts';

/** `node sandbox/iconik/main.ts --port N --control-port N [--data DIR] [--app-id UUID] [--token TEXT] [--strict]` */
process.stderr.write(
  'This is a stand-in of iconik for tests and trials, with made-up people only; it is not iconik.\n',
);

await runStandIn(
  (flags) =>
    iconikStandIn(
      {
        appId: flags['app-id'] ?? process.env['ICONIK_SANDBOX_APP_ID'] ?? SERVICE.appId,
        token: flags['token'] ?? process.env['ICONIK_SANDBOX_TOKEN'] ?? SERVICE.token,
      },
      { strict: flags['strict'] === 'true' },
    ),
  ['app-id', 'token'],
  ['strict'],
);
