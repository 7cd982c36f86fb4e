import { spawnSync } from 'node:child_process';

/** What `temporal --version` says: `temporal version 1.9.1 (Server 1.32.0, UI 2.54.1)`. */
export type CliVersion = { cli: string; server: string; ui: string };

/** The server against which demo and tests were written; before it a run's clock cannot be moved. */
export const REQUIRED_SERVER = '1.32';

/** Parses the line; undefined: it is not the Temporal CLI's. */
export function parseVersion(line: string): CliVersion | undefined {
  const found = /temporal version (\S+) \(Server ([^,\s]+), UI ([^)\s]+)\)/i.exec(line);
  if (found === null) return undefined;
  const [, cli = '', server = '', ui = ''] = found;
  return { cli, server, ui };
}

/** Runs `FILE --version` (limit 15 s). Undefined: it does not run, or is something else. */
export function versionOf(file: string): CliVersion | undefined {
  const run = spawnSync(file, ['--version'], { encoding: 'utf8', timeout: 15_000 });
  return run.status === 0 ? parseVersion(run.stdout) : undefined;
}

/** Whether a server version belongs to a line: `1.32.0` and `1.32.0-150.0` to `1.32`. */
export const isServer = (version: CliVersion, line: string): boolean =>
  version.server === line || version.server.startsWith(`${line}.`) || version.server.startsWith(`${line}-`);

/** What does not work with a server other than the required one; undefined: nothing is lost. */
export function whatIsLost(version: CliVersion): string | undefined {
  if (isServer(version, REQUIRED_SERVER)) return undefined;
  const [major = 0, minor = 0] = version.server.split('.').map(Number);
  if (major > 1 || minor > 32) {
    return `The Temporal server ${version.server} is newer than ${REQUIRED_SERVER}, with which Tenure was tried; nothing is known to be missing.`;
  }
  return (
    `The Temporal server ${version.server} is older than ${REQUIRED_SERVER}: the clock of a run cannot be moved ahead (long waits take their real time), ` +
    `and the UI may miss labels and descriptions. The workflows themselves run. \`npm run demo\` and \`npm test\` pass over it.`
  );
}
