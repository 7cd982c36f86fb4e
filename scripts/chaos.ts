/** `npm run chaos`: the same end state however it is disturbed. */
import { parseArgs } from 'node:util';
import { runChaos } from '../test/chaos/chaos.ts';
import { runMutants } from '../test/chaos/mutants.ts';
import { provideDaemons } from '../src/local/daemons/provide.ts';
import { until } from './until.ts';

const HELP = `npm run chaos -- [options]

Ten people per seed join, move and leave while worker processes are killed, frozen and restarted, the Temporal server and the ledger crash, and every
system answers wrongly, late or not at all: OTDS, iconik, Cloudinary, Exstream, partners' lists on a real FTP server, push. In the end an oracle that
shares no code with the product looks at them.

  --seeds N      how many seeds, default 5
  --first SEED   the first of them, default 1; everything of a seed comes from its number
  --at-once N    seeds side by side, default 2
  --verbose      what happens in each seed, line by line
  --keep         leave the folders with logs and data
  --mutants      plant each bug of test/chaos/mutants in a copy and see that it is caught
  --only NAME    of these, the ones whose names begin so: 05, 09b
  --help         this text
`;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      seeds: { type: 'string', default: '5' },
      first: { type: 'string', default: '1' },
      'at-once': { type: 'string', default: '2' },
      verbose: { type: 'boolean', default: false },
      keep: { type: 'boolean', default: false },
      mutants: { type: 'boolean', default: false },
      only: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const number = (name: 'seeds' | 'first' | 'at-once'): number => {
    const value = Number(values[name]);
    if (!Number.isInteger(value) || value < 1)
      throw new Error(`--${name} ${values[name]} must be a whole number from 1.`);
    return value;
  };
  const say = (line: string): void => void process.stdout.write(`${line}\n`);
  if (values.mutants) return runMutants(say, values.only);
  provideDaemons(say);
  const ending = until();
  const { verbose, keep } = values;
  return await runChaos({
    first: number('first'),
    seeds: number('seeds'),
    atOnce: number('at-once'),
    ...{ verbose, keep, say, signal: ending.signal },
  });
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  },
);
