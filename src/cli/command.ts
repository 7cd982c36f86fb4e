import { InvalidArgumentError } from 'commander';
import type { Command } from 'commander';
import type { Cli } from './cli.ts';

/** Runs a command's work with what it needs, turns errors into sentences, and keeps the exit code. Undefined counts as 0. */
export type Act = (command: Command, work: (cli: Cli) => Promise<number | undefined>) => Promise<void>;

/** One file per command: it adds itself to the program. */
export type AddCommand = (program: Command, act: Act) => void;

/** A command with the options that every one has, and examples under its help. */
export function command(program: Command, name: string, summary: string, examples: readonly string[]): Command {
  return program
    .command(name)
    .description(summary)
    .option(
      '--data <dir>',
      'folder of a local system, to use it whatever the environment says (default: .tenure, where nothing is configured)',
    )
    .option('--json', 'print the answer as JSON')
    .addHelpText('after', `\nExamples:\n${examples.map((example) => `  $ tenure ${example}`).join('\n')}`);
}

/** A positive whole number. */
export function count(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('It must be a whole number from 1.');
  return value;
}

const UNITS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** An instant as ISO text: given so (`2026-11-21`, `2026-11-21T10:00:00Z`), or as a time ago (`90m`, `12h`, `7d`). */
export function instant(text: string): string {
  const ago = /^(\d{1,6})([smhd])$/.exec(text);
  const ms = ago ? Date.now() - Number(ago[1]) * (UNITS[ago[2] ?? 's'] ?? 0) : Date.parse(text);
  if (Number.isNaN(ms))
    throw new InvalidArgumentError(
      'It must be a date (2026-11-21), an instant (2026-11-21T10:00:00Z) or a time ago (90m, 12h, 7d).',
    );
  return new Date(ms).toISOString();
}
