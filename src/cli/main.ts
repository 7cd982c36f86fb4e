import { environment } from '../config/env.ts';
import { runCli } from './program.ts';

const io = {
  out: (text: string) => void process.stdout.write(text),
  err: (text: string) => void process.stderr.write(text),
  env: environment(),
  watched: process.stderr.isTTY,
};

// Not process.exit: what was written to a pipe must arrive whole.
process.exitCode = await runCli(process.argv.slice(2), io);
