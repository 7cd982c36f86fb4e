/**
 * Resolves at the first SIGTERM or SIGINT, or when the launcher that holds our channel is gone (`scripts/run.mjs`); the next one ends the process
 * at once.
 */
export function endOnSignal(): Promise<NodeJS.Signals | 'disconnect'> {
  return new Promise((resolve) => {
    let asked = false;
    const end = (why: NodeJS.Signals | 'disconnect'): void => {
      if (asked) process.exit(1);
      asked = true;
      resolve(why);
    };
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => end(signal));
    process.on('disconnect', () => asked || end('disconnect'));
  });
}

/** Runs a command's main function and ends the process: 0 when it returns, 1 with its sentence when it throws. */
export function runMain(main: () => Promise<void>): void {
  main().then(
    () => process.exit(0),
    (error: unknown) => {
      process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
      process.exit(1);
    },
  );
}
