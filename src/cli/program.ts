import { Command, CommanderError } from 'commander';
import { Cli } from './cli.ts';
import type { GlobalOptions, Io } from './cli.ts';
import type { Act, AddCommand } from './command.ts';
import { addAdopt } from './commands/adopt.ts';
import { addChanges } from './commands/changes.ts';
import { addDoctor } from './commands/doctor.ts';
import { addDrift } from './commands/drift.ts';
import { addHolds } from './commands/holds.ts';
import { addPairs } from './commands/pairs.ts';
import { addPerson } from './commands/person.ts';
import { addPlan } from './commands/plan.ts';
import { addPolicy } from './commands/policy.ts';
import { addSandbox } from './commands/sandbox.ts';
import { addTemporal } from './commands/temporal.ts';
import { sentenceOf } from './sentence.ts';

const COMMANDS: readonly AddCommand[] = [
  addDoctor,
  addPerson,
  addPlan,
  addChanges,
  addPairs,
  addHolds,
  addDrift,
  addAdopt,
  addPolicy,
  addTemporal,
  addSandbox,
];

const AFTER = `
Where it looks: the local system in --data DIR or TENURE_LOCAL when given; else the systems that the environment names
(DATABASE_URL, OTDS_URL, …); else a local system in .tenure (npm start).

Exit codes: 0 done; 1 something is wrong, as the sentence or the table says; 2 the command line is wrong.
Runs are started, decided and watched with the Temporal CLI: tenure temporal workflow list`;

/** Exit code of one call; nothing is left open. `args` without node and script. */
export async function runCli(args: readonly string[], io: Io): Promise<number> {
  let code = 0;
  const act: Act = async (command, work) => {
    const cli = new Cli(io, command.optsWithGlobals<GlobalOptions>());
    try {
      code = (await work(cli)) ?? 0;
    } catch (error) {
      code = 1;
      io.err(`${sentenceOf(error)}\n`);
    } finally {
      await cli.close();
    }
  };
  try {
    await program(io, act).parseAsync([...args], { from: 'user' });
    return code;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? 0 : 2;
  }
}

function program(io: Io, act: Act): Command {
  const tenure = new Command('tenure')
    .description(
      'Tenure: what the Temporal CLI cannot tell about people’s access, and whether everything it needs is in order.',
    )
    .usage('<command> [options]')
    .option('--data <dir>', 'folder of a local system, for every command')
    .option('--json', 'print answers as JSON, for every command')
    .enablePositionalOptions()
    .showSuggestionAfterError()
    .showHelpAfterError('(tenure --help lists the commands and their options)')
    .exitOverride()
    .configureOutput({ writeOut: (text) => io.out(text), writeErr: (text) => io.err(text) })
    .addHelpText('after', AFTER);
  for (const add of COMMANDS) add(tenure, act);
  return tenure;
}
