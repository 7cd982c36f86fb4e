import { resolve } from 'node:path';
import { InvalidArgumentError } from 'commander';
import type { Command } from 'commander';
import { startAlone } from '../../local/alone.ts';
import { unknownSystem } from '../../local/only.ts';
import { systemPorts } from '../../local/ports.ts';
import { isSystem, rowOf, SYSTEM_NAMES, type SystemName } from '../../local/systems.ts';
import { CliError } from '../cli.ts';
import type { Cli } from '../cli.ts';
import type { AddCommand } from '../command.ts';
import { table } from '../table.ts';

type Options = { port?: number; controlPort?: number; data?: string; strict?: boolean; json?: boolean };

export const addSandbox: AddCommand = (program, act) => {
  program
    .command('sandbox')
    .description(
      'Starts the stand-in of one system alone, in the foreground, until Ctrl-C; without a name it lists them. Whatever else stands behind the name goes to the stand-in (sandbox/README.md).',
    )
    .argument('[name]', 'a stand-in')
    .argument('[options...]', 'the stand-in’s own, such as --api-secret S')
    .option('--port <n>', 'port of the vendor’s address (default: as in a local system)', port)
    .option('--control-port <n>', 'port of the control address (default: the next one)', port)
    .option('--data <dir>', 'folder that keeps its state (default: nothing is kept)')
    .option('--strict', 'refuse whatever the contract does not know')
    .option('--json', 'print addresses and credentials as JSON')
    .allowUnknownOption()
    .addHelpText(
      'after',
      '\nExamples:\n  $ tenure sandbox\n  $ tenure sandbox cloudinary --strict\n  $ tenure sandbox exstream --otds http://127.0.0.1:21010 --data /tmp/exstream',
    )
    .action((name: string | undefined, more: string[], _: unknown, self: Command) =>
      act(self, (cli) => sandbox(cli, name, more, self.opts<Options>())),
    );
};

function port(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0 || value > 65_535)
    throw new InvalidArgumentError('It must be a port number, or 0 for any that is free.');
  return value;
}

async function sandbox(
  cli: Cli,
  name: string | undefined,
  more: readonly string[],
  options: Options,
): Promise<number | undefined> {
  if (name === undefined) return list(cli);
  if (!isSystem(name)) throw new CliError(unknownSystem(name));
  const usual = systemPorts(name);
  const url = options.port ?? usual.url;
  const control = options.controlPort ?? (url === 0 ? 0 : url + 1);
  const args = [
    ...(options.data === undefined ? [] : ['--data', resolve(options.data)]),
    ...(options.strict === true ? ['--strict'] : []),
    ...more,
  ];
  const alone = await startAlone(name, { ports: { url, control }, args, env: cli.io.env });
  let asked = false;
  const stop = (): void => {
    asked = true;
    alone.stop();
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, stop);
  try {
    cli.answer({ system: name, ...alone.entry }, describe(name, alone.entry, options.data));
    const code = await alone.ended;
    if (asked && code === 0) return 0;
    throw new CliError(`The ${rowOf(name).title} ended by itself (exit code ${code ?? 'none'}).`);
  } finally {
    for (const signal of signals) process.off(signal, stop);
  }
}

function list(cli: Cli): undefined {
  const rows = SYSTEM_NAMES.map((name) => ({ name, title: rowOf(name).title, ...systemPorts(name) }));
  const lines = rows.map(({ name, title, url, control }) => [name, String(url), String(control), title]);
  cli.answer(
    { standIns: rows.map(({ name, title, url, control }) => ({ name, title, port: url, controlPort: control })) },
    `${table(['name', 'port', 'control', 'what'], lines)}\n\nStart one: tenure sandbox NAME. All together, with Tenure: npm start.`,
  );
}

function describe(name: SystemName, entry: Readonly<Record<string, string>>, data: string | undefined): string {
  const { url = '', control = '', ...credentials } = entry;
  const rows = [
    ['address', url],
    ['control', control],
    ...Object.entries(credentials),
    ['state', data === undefined ? 'in memory, gone at the end (--data DIR keeps it)' : resolve(data)],
  ];
  const width = Math.max(...rows.map(([key = '']) => key.length));
  const lines = rows.map(([key = '', value = '']) => `  ${key.padEnd(width)}  ${value}`).join('\n');
  return `The ${rowOf(name).title} is up.

${lines}

A first request, and what the stand-in saw of it:

  ${rowOf(name).firstRequest(entry)}
  curl -s ${control}/ledger

More in sandbox/README.md. Ctrl-C ends it.`;
}
