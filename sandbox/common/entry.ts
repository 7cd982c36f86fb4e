import { parseArgs } from 'node:util';
import { startStandIn } from './standIn.ts';
import type { StandIn } from './standIn.ts';
import type { Definition } from './types.ts';

const COMMON = { port: 'string', 'control-port': 'string', data: 'string', host: 'string' } as const;

function portOf(name: string, text: string | undefined): number {
  const port = Number(text ?? '0');
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new Error(`--${name} must be a port number, not "${text}".`);
  return port;
}

/**
 * Runs a stand-in as a program: reads `--port`, `--control-port`, `--data DIR`, `--host` and the system's own flags
 * (`extra` with a value, `switches` without: `'true'` when given), prints one JSON line `{system, url, control}` when ready, and
 * ends cleanly on SIGTERM and SIGINT. What `ready` gives stands in the same line (names of files, made-up identifiers).
 * Wrong flags or a port in use end it with one sentence and code 1.
 */
export async function runStandIn<S>(
  define: (flags: Record<string, string>) => Definition<S>,
  extra: string[] = [],
  switches: string[] = [],
  ready: (standIn: StandIn, flags: Record<string, string>) => Record<string, string> = () => ({}),
): Promise<void> {
  try {
    const options: Record<string, { type: 'string' | 'boolean' }> = {};
    for (const name of [...Object.keys(COMMON), ...extra]) options[name] = { type: 'string' };
    for (const name of switches) options[name] = { type: 'boolean' };
    const { values } = parseArgs({ options });
    const flags: Record<string, string> = {};
    for (const [name, value] of Object.entries(values))
      if (typeof value === 'string' || typeof value === 'boolean') flags[name] = String(value);
    const def = define(flags);
    const standIn = await startStandIn(def, {
      port: portOf('port', flags['port']),
      controlPort: portOf('control-port', flags['control-port']),
      ...(flags['host'] === undefined ? {} : { host: flags['host'] }),
      ...(flags['data'] === undefined ? {} : { dataDir: flags['data'] }),
    });
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.on(signal, () => void standIn.close().then(() => process.exit(0)));
    }
    const told = { system: def.system, url: standIn.url, control: standIn.control, ...ready(standIn, flags) };
    process.stdout.write(`${JSON.stringify(told)}\n`);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}
