import { runStandIn } from '../common/entry.ts';
import { otagStandIn } from './standIn.ts';
import { APP, USUAL_KEY } from './state.ts';

/** `node sandbox/otag/main.ts --port N --control-port N [--data DIR] [--app-key KEY] [--strict]` (or `OTAG_SANDBOX_APP_KEY`) */
process.stderr.write(
  'This is a stand-in of the AppWorks Gateway for tests and trials, with made-up phones only; it is not OpenText.\n',
);

await runStandIn(
  (flags) =>
    otagStandIn({
      key: flags['app-key'] ?? process.env['OTAG_SANDBOX_APP_KEY'] ?? USUAL_KEY,
      strict: flags['strict'] === 'true',
    }),
  ['app-key'],
  ['strict'],
  () => ({ app: APP }),
);
