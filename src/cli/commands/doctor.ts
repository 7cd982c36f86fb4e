import type { Command } from 'commander';
import { formatProblem } from '../../config/yamlFile.ts';
import { readFileSync } from 'node:fs';
import { ledgerHealth } from '../../ledger/health.ts';
import { createLogger } from '../../log.ts';
import { readPolicy } from '../../policy/read.ts';
import type { Directory } from '../../systems/port.ts';
import { loadSettings } from '../../workers/settings.ts';
import type { Settings } from '../../workers/settings.ts';
import { createSystems } from '../../workers/systems.ts';
import type { Systems } from '../../workers/systems.ts';
import { checkCodec } from '../checkCodec.ts';
import { check, note, PROBE_MS } from '../checks.ts';
import type { Check } from '../checks.ts';
import { checkSystems } from '../checkSystems.ts';
import { checkTemporal } from '../checkTemporal.ts';
import type { Cli } from '../cli.ts';
import { command } from '../command.ts';
import type { AddCommand } from '../command.ts';
import { sentenceOf } from '../sentence.ts';
import { table } from '../table.ts';

export const addDoctor: AddCommand = (program, act) => {
  command(
    program,
    'doctor',
    'Looks at everything Tenure needs: configuration, policy, ledger, Temporal, codec, workers, and every system (reachable, credentials, version, capabilities, clock). Changes nothing. Exit code 1 when something is wrong.',
    ['doctor', 'doctor --json', 'doctor --data /srv/tenure'],
  ).action((_: unknown, self: Command) => act(self, doctor));
};

async function doctor(cli: Cli): Promise<number> {
  const surroundings = cli.surroundings;
  const settings = settingsOf(cli);
  const systems =
    'config' in settings
      ? cli.closing(createSystems(settings.config, surroundings.env, createLogger({ level: 'silent' })))
      : undefined;
  const databaseUrl = surroundings.env['DATABASE_URL'];
  const targets = Object.keys(systems?.targets ?? { iconik: true, otds: true });
  const checks = (
    await Promise.all([
      Promise.resolve('config' in settings ? check('config', [], { details: [settings.configFile] }) : settings),
      'config' in settings && systems
        ? checkPolicy(settings, systems)
        : Promise.resolve(note('policy', 'Not looked at: the configuration must be right first.')),
      databaseUrl
        ? checkLedger(databaseUrl)
        : Promise.resolve(check('ledger', ['DATABASE_URL is not set: it says where the ledger (PostgreSQL) is.'])),
      checkTemporal(surroundings, targets),
      checkCodec(surroundings),
      ...('config' in settings && systems ? checkSystems(settings, systems) : []),
    ])
  ).flat();
  const wrong = checks.filter((one) => one.state === 'wrong');
  cli.answer(
    { ok: wrong.length === 0, checks },
    `${tableOf(checks)}\n\n${wrong.length === 0 ? 'Everything is in order.' : `Wrong: ${wrong.map((one) => one.name).join(', ')}.`}`,
  );
  return wrong.length === 0 ? 0 : 1;
}

function settingsOf(cli: Cli): Settings | Check {
  try {
    return loadSettings(cli.surroundings);
  } catch (error) {
    return check('config', sentenceOf(error).split('\n'));
  }
}

async function checkLedger(url: string): Promise<Check> {
  const { problems, version, clockSkewMs } = await ledgerHealth(url);
  return check('ledger', problems, {
    ...(version === undefined ? {} : { version: `PostgreSQL ${version}` }),
    ...(clockSkewMs === undefined ? {} : { clockSkewMs }),
    ...(problems.length === 0 ? { details: ['Schema and rules are this version’s'] } : {}),
  });
}

async function checkPolicy({ config }: Settings, { directory }: Systems): Promise<Check> {
  const groups = await listGroups(directory);
  try {
    const read = readPolicy(
      readFileSync(config.policyFile, 'utf8'),
      config.policyFile,
      groups === undefined ? {} : { groups },
    );
    if ('problems' in read) return check('policy', read.problems.map(formatProblem));
    const { version, digest, freeze } = read.policy;
    const frozen = freeze === undefined ? [] : [`Frozen since ${freeze.since} by ${freeze.by}: ${freeze.reason}`];
    return check('policy', [], {
      version: `${version} (${digest.slice(0, 12)})`,
      details: [config.policyFile, ...frozen],
    });
  } catch {
    return check('policy', [`The policy file ${config.policyFile} cannot be read.`]);
  }
}

/** Undefined: OTDS cannot be asked; its own line says why. */
async function listGroups(directory: Directory): Promise<readonly string[] | undefined> {
  return await directory.groups({ signal: AbortSignal.timeout(PROBE_MS) }).catch(() => undefined);
}

function tableOf(checks: readonly Check[]): string {
  const rows = checks.flatMap((one) => {
    const [first = '', ...more] = one.details;
    const skew = one.clockSkewMs === undefined ? '' : `${(one.clockSkewMs / 1000).toFixed(1)} s`;
    return [
      [one.name, one.state.toUpperCase(), one.version, skew, first],
      ...more.map((detail) => [' ', ' ', ' ', ' ', detail]),
    ];
  });
  return table(['what', 'state', 'version', 'clock', 'details'], rows);
}
