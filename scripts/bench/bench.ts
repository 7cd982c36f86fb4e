import type { Servers } from './servers.ts';

/** Progress, one line each. */
export type Say = (line: string) => void;

/** One benchmark of `npm run bench -- NAME`. */
export type Bench = {
  /** What is measured, for the help. */
  what: string;
  takes: string;
  options: Readonly<Record<string, string>>;
  /** Reads the arguments, before anything is started. The answer runs it and gives the lines of the result. @throws with a sentence for wrong ones. */
  prepare: (args: readonly string[]) => (servers: Servers, say: Say) => Promise<string[]>;
};
