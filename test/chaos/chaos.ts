/** Seeds side by side, and what they come to together. */
import { mkdtempSync, rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findTemporalCli } from '../../src/local/temporalCli.ts';
import { REQUIRED_SERVER } from '../../src/local/temporalVersion.ts';
import { workflowBundle } from '../../src/workers/bundle.ts';
import type { Met } from './progress.ts';
import { runSeed, type SeedResult } from './seed.ts';
import { ledgerTemplate } from './servers.ts';
import { SYSTEMS, type System } from './systems.ts';
import { WINDOWS } from './workers.ts';

export type ChaosOptions = {
  first: number;
  seeds: number;
  atOnce: number;
  verbose: boolean;
  keep: boolean;
  say: (line: string) => void;
  signal: AbortSignal;
};

/** Runs the seeds and prints what came of them. Answers the exit code. */
export async function runChaos(options: ChaosOptions): Promise<number> {
  const { first, seeds, atOnce, verbose, keep, say, signal } = options;
  const folder = mkdtempSync(join(tmpdir(), 'tenure-chaos-'));
  try {
    const cli = (await findTemporalCli({ requireServer: REQUIRED_SERVER, say: () => undefined })).path;
    await workflowBundle();
    const template = await ledgerTemplate(folder);
    const queue = Array.from({ length: seeds }, (_, i) => first + i);
    say(`Seeds ${queue.join(', ')}; logs in ${folder}`);
    const began = performance.now();
    const quietly = verbose
      ? (line: string) => say(`${((performance.now() - began) / 1000).toFixed(1)} ${line}`)
      : () => undefined;
    const results: SeedResult[] = [];
    const lane = async (): Promise<void> => {
      for (let seed = queue.shift(); seed !== undefined && !signal.aborted; seed = queue.shift()) {
        const result = await one({ seed, folder: join(folder, `s${seed}`), template, cli, say: quietly, signal });
        results.push(result);
        tell(result, say);
        // Not synchronously: the stand-ins of the other seeds would stand still meanwhile.
        if (!keep && result.problems.length === 0) await rm(join(folder, `s${seed}`), { recursive: true, force: true });
      }
    };
    await Promise.all(Array.from({ length: Math.min(atOnce, seeds) }, lane));
    if (signal.aborted) {
      say('Broken off; nothing is left running.');
      return 130;
    }
    return summary(results, say);
  } finally {
    if (!keep) rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** A seed that breaks is a seed that failed. */
async function one(options: Parameters<typeof runSeed>[0]): Promise<SeedResult> {
  try {
    return await runSeed(options);
  } catch (error) {
    const tally = {
      kills: {},
      freezes: 0,
      faults: 0,
      temporalRestarts: 0,
      ledgerRestarts: 0,
      terminated: 0,
      writes: 0,
      runsLeft: 0,
      met: {},
      stopped: {},
    };
    const why = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { seed: options.seed, problems: [why], tally, tookMs: 0 };
  }
}

function tell({ seed, problems, tally, tookMs }: SeedResult, say: (line: string) => void): void {
  const kills = Object.values(tally.kills).reduce((sum, n) => sum + n, 0);
  const did = `${kills} kills, ${tally.freezes} freezes, ${tally.faults} faults, ${tally.temporalRestarts + tally.ledgerRestarts} restarts, ${tally.terminated} terminated, ${tally.writes} writes`;
  say(
    `seed ${seed}: ${problems.length === 0 ? 'ok' : 'FAILED'} in ${(tookMs / 1000).toFixed(0)} s (${did}; ${tally.runsLeft} runs still open at the end)`,
  );
  for (const problem of problems) say(`  seed ${seed}: ${problem}`);
}

/** Where a system is not the target's name. */
const TARGET: Partial<Record<System, string>> = { fcm: 'push' };

/** The table of kills, what each system saw, and the word. */
function summary(results: readonly SeedResult[], say: (line: string) => void): number {
  const windows = [...Object.values(WINDOWS), 'at any time'];
  const kills = windows.map((window) => ({
    window,
    n: results.reduce((sum, r) => sum + (r.tally.kills[window] ?? 0), 0),
  }));
  say(`Kills: ${kills.map(({ window, n }) => `${n} ${window}`).join(', ')}`);
  for (const system of SYSTEMS) {
    const sum = (read: (met: Met) => number): number =>
      results.reduce((all, { tally }) => all + (tally.met[system] ? read(tally.met[system]) : 0), 0);
    const stopped = results.reduce((all, { tally }) => all + (tally.stopped[TARGET[system] ?? system] ?? 0), 0);
    const what = system === 'fcm' ? 'notices on phones' : 'writes';
    say(
      `${system}: ${sum((m) => m.faults)} faults met, ${sum((m) => m.writes)} ${what}, ${stopped} kills and freezes at work on ${TARGET[system] ?? system}`,
    );
  }
  const missed = kills.filter(({ window, n }) => n === 0 && window !== 'at any time').map(({ window }) => window);
  const failed = results.filter((r) => r.problems.length > 0).map((r) => r.seed);
  if (missed.length > 0) say(`No kill fell ${missed.join(', ')}: run more seeds.`);
  say(
    failed.length === 0
      ? `${results.length} seeds ended as they should.`
      : `Failed: seed${failed.length > 1 ? 's' : ''} ${failed.join(', ')}.`,
  );
  return failed.length > 0 || missed.length > 0 ? 1 : 0;
}
