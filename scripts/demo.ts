/** `npm run demo`: one joiner, one mover and one leaver through real workflows over all systems, each change printed as it is proved, every claim checked. */
import { rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { ROOT } from '../src/local/files.ts';
import { startLocalSystem, stopLocalSystem, type LocalSystem } from '../src/local/localSystem.ts';
import { joiner, leaver, mover } from './demo/acts.ts';
import { Audience } from './demo/audience.ts';
import { Checks } from './demo/checks.ts';
import { HumanResources } from './demo/humanResources.ts';
import { Witness } from './demo/witness.ts';
import { until } from './until.ts';

const HELP = `npm run demo -- [options]

Brings up a local system of its own, plays a joiner (with an approval in the middle), a mover (whose old access ends after its grace) and a leaver over
OTDS, iconik, Cloudinary, Exstream, partners' FTP lists and push notices, prints each change as it is proved, and ends with a table of what each system
itself says of each of them. Exit code 0 only if every check held; without an FTP server it cannot be.

  --keep          leaves the system up and says where; end it with the command it prints
  --port-base N   first of the ports, default 22000
  --data DIR      folder for all state, made anew, default .tenure/demo
  --help          this text
`;

const say = (line: string): void => void process.stdout.write(`${line}\n`);

function readArguments(): { keep: boolean; portBase: number; data: string } {
  const { values } = parseArgs({
    options: {
      keep: { type: 'boolean', default: false },
      'port-base': { type: 'string', default: '22000' },
      data: { type: 'string', default: join(ROOT, '.tenure', 'demo') },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    process.exit(0);
  }
  const portBase = Number(values['port-base']);
  if (!Number.isInteger(portBase)) throw new Error(`--port-base ${values['port-base']} is not a number.`);
  return { keep: values.keep, portBase, data: values.data };
}

async function play(system: LocalSystem): Promise<boolean> {
  const audience = await Audience.open(system, say);
  const checks = new Checks();
  const { config } = system;
  const hr = new HumanResources(config.otds);
  const witness = new Witness(config, (person) => audience.devicesOf(person));
  try {
    for (const act of [joiner, mover, leaver]) await act({ config, audience, checks, hr, witness, say });
  } finally {
    await audience.close();
  }
  say(`\n${checks.table()}`);
  return checks.held();
}

async function main(): Promise<number> {
  const args = readArguments();
  const ending = until();
  await stopLocalSystem(args.data);
  rmSync(args.data, { recursive: true, force: true });
  const system = await startLocalSystem({
    data: args.data,
    portBase: args.portBase,
    temporal: { requireServer: '1.32' },
    outlive: args.keep,
    say,
    signal: ending.signal,
  });
  let held = false;
  try {
    held = await Promise.race([
      play(system),
      ending.ended.then(() => Promise.reject(new Error('The demo was broken off.'))),
    ]);
  } finally {
    if (!args.keep) await system.stop();
  }
  if (args.keep) {
    const shown = relative(process.cwd(), args.data);
    say(
      `\nThe system stays up: UI ${system.config.temporal.ui}, addresses in ${shown}/local.json.\nLook: npx tenure --data ${shown} person nora.quinn@staff\nEnd it: npm start -- --data ${shown} --stop`,
    );
  }
  say(held ? '\nEvery check held.' : '\nA check did not hold: see the table.');
  return held ? 0 : 1;
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  },
);
