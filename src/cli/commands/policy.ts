import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { formatProblem } from '../../config/yamlFile.ts';
import { readPolicy } from '../../policy/read.ts';
import type { ReadPolicy } from '../../policy/read.ts';
import { createLogger } from '../../log.ts';
import { createSystems } from '../../workers/systems.ts';
import { configAlone, loadSettings } from '../../workers/settings.ts';
import type { Cli } from '../cli.ts';
import { command } from '../command.ts';
import type { AddCommand } from '../command.ts';

type Options = { offline?: boolean };

export const addPolicy: AddCommand = (program, act) => {
  const policy = program.command('policy').description('Who gets what: check the policy before it comes into force.');
  command(
    policy,
    'check',
    'Every mistake in a policy file, with line, column and what was probably meant. Exit code 1 when there is one.',
    ['policy check', 'policy check config/policy.yaml --offline'],
  )
    .argument('[file]', 'policy file (default: the one that the configuration names)')
    .option('--offline', 'do not ask the directory which groups exist')
    .action((file: string | undefined, options: Options, self: Command) =>
      act(self, (cli) => check(cli, file, options)),
    );
};

type Groups = { groups: readonly string[] } | { why: string };

async function check(cli: Cli, given: string | undefined, { offline = false }: Options): Promise<number> {
  const file = cli.existing(given ?? policyFile(cli));
  const listed: Groups = offline ? { why: 'asked not to' } : await groups(cli);
  const known = 'groups' in listed ? listed.groups : undefined;
  const read = readPolicy(readFileSync(file, 'utf8'), file, known === undefined ? {} : { groups: known });
  const against =
    known === undefined
      ? `names were checked for their form only (${'why' in listed ? listed.why : ''})`
      : `names were checked against ${known.length} groups of the directory`;
  const problems = 'problems' in read ? read.problems : [];
  const value = {
    file,
    ok: problems.length === 0,
    groups: known?.length ?? null,
    problems,
    ...('policy' in read ? { digest: read.policy.digest, rules: read.policy.rules.length } : {}),
  };
  cli.answer(value, `${verdict(file, read)}; ${against}.`);
  return problems.length === 0 ? 0 : 1;
}

function verdict(file: string, read: ReadPolicy): string {
  if ('policy' in read) {
    const { version, rules, digest } = read.policy;
    return `${file} is good: version ${version}, ${rules.length} rules, digest ${digest.slice(0, 12)}`;
  }
  const { length } = read.problems;
  return `${read.problems.map(formatProblem).join('\n')}\n${file} has ${length === 1 ? 'a mistake' : `${length} mistakes`} and would be refused`;
}

function policyFile(cli: Cli): string {
  return configAlone(cli.io.env).policyFile;
}

/** A policy can be checked anywhere: where no directory is configured or reachable, that is said and not an error. */
async function groups(cli: Cli): Promise<Groups> {
  if (!cli.configured) return { why: 'no directory is configured' };
  try {
    const settings = loadSettings(cli.surroundings);
    const systems = cli.closing(
      createSystems(settings.config, settings.surroundings.env, createLogger({ level: 'silent' })),
    );
    return { groups: await systems.directory.groups({ signal: AbortSignal.timeout(15_000) }) };
  } catch (error) {
    const first = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
    return { why: `the directory could not be asked: ${first.replace(/\.$/, '')}` };
  }
}
