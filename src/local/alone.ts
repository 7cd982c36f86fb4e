/** One stand-in alone, in the foreground. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { dieWithParent } from '../ledger/embeddedBinaries.ts';
import { entryOf } from './addresses.ts';
import { standIn, type Said } from './parts.ts';
import { isFree, type SystemPorts } from './ports.ts';
import { isSystem, rowOf, type Given, type SystemName } from './systems.ts';

export type AloneOptions = {
  ports: SystemPorts;
  /** Its own arguments, as `['--data', 'DIR', '--strict']`. */
  args: readonly string[];
  /** The caller's environment: may hold the stand-in's own variables. */
  env: NodeJS.ProcessEnv;
};

export type Alone = {
  /** As it would stand in `local.json`. */
  entry: Readonly<Record<string, string>>;
  /** Its exit code; null where a signal ended it. */
  ended: Promise<number | null>;
  stop: () => void;
};

/**
 * Starts a stand-in with its usual credentials, or those that arguments or environment name; it ends with this process. What it has to say of mistakes
 * goes to our error output. @throws with a sentence: a port in use, a program that ends before it serves.
 */
export async function startAlone(system: SystemName, { ports, args, env }: AloneOptions): Promise<Alone> {
  await assertFree(system, ports);
  const values = valuesAlone(system, args, env);
  const program = standIn(system, ports, values, args);
  const [command, all] = dieWithParent('TERM', program.command, program.args);
  // In a group of its own: Ctrl-C reaches us alone, and we end it once.
  const child = spawn(command, all, {
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...env, ...program.env },
  });
  const ended = once(child, 'exit').then(([code]) => (typeof code === 'number' ? code : null));
  const lines = createInterface({ input: child.stdout });
  const line = await Promise.race([
    once(lines, 'line').then(([text]) => String(text)),
    ended.then((code) => {
      throw new Error(`The ${program.title} ended with exit code ${code} before it served; it says why above.`);
    }),
  ]);
  const said = JSON.parse(line) as Said; // the one line that every stand-in prints
  return { entry: entryOf(system, ports, values, said), ended, stop: () => void child.kill('SIGTERM') };
}

async function assertFree(system: SystemName, { url, control }: SystemPorts): Promise<void> {
  const { title } = rowOf(system);
  for (const port of [url, control]) {
    if (port === 0 || (await isFree(port))) continue;
    throw new Error(
      `Port ${port} on 127.0.0.1, which the ${title} wants, is in use: perhaps by a local system (npm start -- --stop). Name another with --port N; the control address takes N + 1.`,
    );
  }
}

/** Credentials by key of its entry. */
function valuesAlone(system: SystemName, args: readonly string[], env: NodeJS.ProcessEnv): Record<string, string> {
  const { given, asks = {} } = rowOf(system);
  const usual = ({ usual: own, sameAs }: Given): string => {
    const [other = '', key = ''] = sameAs ?? [];
    const asked = isSystem(other) && argument(args, asks[other] ?? '') !== undefined;
    return asked ? (rowOf(other).given[key]?.usual ?? own) : own;
  };
  const value = ([key, one]: [string, Given]): [string, string] => {
    const flag = `--${one.flag ?? key.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    return [key, argument(args, flag) ?? (env[one.variable] || usual(one))];
  };
  return Object.fromEntries(Object.entries(given).map(value));
}

/** The value of `--name VALUE` or `--name=VALUE`. */
function argument(args: readonly string[], name: string): string | undefined {
  const at = args.lastIndexOf(name);
  if (at >= 0) return args[at + 1];
  return args.findLast((arg) => arg.startsWith(`${name}=`))?.slice(name.length + 1);
}
