/** The plain `temporal` CLI as an operator has it: nothing but the profile that `npm start` wrote. */
import { execFile } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';

export type Answer = { code: number; out: string; err: string };
export type TemporalCli = (...args: string[]) => Promise<Answer>;

/** `profile`: the file for TEMPORAL_CONFIG_FILE; no other setting of the caller's reaches the CLI. */
export function temporalCli(program: string, profile: string): TemporalCli {
  const env = { PATH: process.env['PATH'], HOME: process.env['HOME'], TZ: 'UTC', TEMPORAL_CONFIG_FILE: profile };
  return (...args) =>
    new Promise((done) => {
      execFile(program, args, { env, timeout: 30_000 }, (error, out, err) => {
        done({ code: error === null ? 0 : typeof error.code === 'number' ? error.code : -1, out, err });
      });
    });
}

/** Asks for `status` until the answer contains `text`. */
export async function untilStatus(temporal: TemporalCli, workflowId: string, text: string): Promise<string> {
  const end = performance.now() + 30_000;
  for (;;) {
    const { out, err } = await temporal('workflow', 'query', '-w', workflowId, '--type', 'status');
    if (out.includes(text)) return out;
    if (performance.now() > end) throw new Error(`${workflowId} never showed "${text}". Last answer: ${out}${err}`);
    await pause(100);
  }
}
