import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { surroundings } from '../../config/local.ts';
import { findTemporalCli } from '../../local/temporalCli.ts';
import { CliError } from '../cli.ts';
import type { Cli } from '../cli.ts';
import type { AddCommand } from '../command.ts';

/** Settings of the caller's that would take the CLI elsewhere than to the local system. */
const ELSEWHERE = /^TEMPORAL_(?!CLI_PATH$)/;

export const addTemporal: AddCommand = (program, act) => {
  program
    .command('temporal')
    .description(
      'Runs the Temporal CLI that Tenure found, with the local system’s profile (address, namespace, codec). Everything after it is the CLI’s.',
    )
    .option('--data <dir>', 'folder of a local system (default: .tenure, where nothing is configured)')
    .argument('[args...]', 'what the Temporal CLI takes')
    .helpOption(false)
    .allowUnknownOption()
    .passThroughOptions()
    .action((args: string[], _: unknown, self: Command) => act(self, (cli) => temporal(cli, args)));
};

/** Exit code of the CLI itself. */
async function temporal(cli: Cli, args: readonly string[]): Promise<number> {
  const found = await findTemporalCli({ env: cli.io.env, say: () => undefined });
  const { env, data } = surroundings(cli.options.data, cli.io.env);
  const child = spawn(found.path, args, { stdio: 'inherit', env: data === undefined ? env : profileOf(data, env) });
  // Ctrl-C reaches the CLI by itself; this process stays to tell how it ended.
  const stay = (): void => undefined;
  process.on('SIGINT', stay);
  try {
    return await new Promise<number>((resolve, reject) => {
      child.once('error', (error) =>
        reject(new CliError(`The Temporal CLI ${found.path} does not start: ${error.message}`)),
      );
      child.once('exit', (code, signal) => resolve(code ?? (signal === null ? 1 : 130)));
    });
  } finally {
    process.off('SIGINT', stay);
  }
}

function profileOf(data: string, env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const file = join(data, 'temporal.toml');
  if (!existsSync(file)) throw new CliError(`${file} is not there: start the local system again (npm start).`);
  const rest = Object.entries(env).filter(([name]) => !ELSEWHERE.test(name));
  return { ...Object.fromEntries(rest), TEMPORAL_CONFIG_FILE: file };
}
