import { runCli } from '../../src/cli/program.ts';

/** One call of `tenure`, as a shell would see it. */
export type Called = { code: number; out: string; err: string; json: () => Record<string, unknown> };

/** Runs a command in this process with the environment given and nothing else. */
export async function tenure(env: NodeJS.ProcessEnv, ...args: string[]): Promise<Called> {
  let out = '';
  let err = '';
  const io = { env, out: (text: string) => void (out += text), err: (text: string) => void (err += text) };
  const code = await runCli(args, io);
  return { code, out, err, json: () => JSON.parse(out) as Record<string, unknown> }; // an object for every command
}
