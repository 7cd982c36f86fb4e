/** Waits for somebody to say that it is enough. */
export type Until = {
  /** Aborted then. */
  signal: AbortSignal;
  ended: Promise<void>;
  /** Says so from within. */
  end: () => void;
};

/**
 * Ends at Ctrl-C, SIGTERM or SIGHUP, and when the process that started this script is gone. A further signal of the same Ctrl-C changes nothing (the
 * terminal and `npm` both send it); one that comes later than two seconds ends the process at once, and the kernel its children.
 */
export function until(): Until {
  const controller = new AbortController();
  // Something must keep the process alive: the parts themselves do not.
  const alive = setInterval(() => undefined, 1 << 30);
  const ended = new Promise<void>((done) => controller.signal.addEventListener('abort', () => done()));
  let asked = 0;
  const end = (): void => {
    if (asked === 0) asked = performance.now();
    else if (performance.now() - asked > 2_000) process.exit(130);
    controller.abort();
  };
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, end);
  // run.mjs holds the other end of this channel; it closes when that process is killed.
  process.once('disconnect', end);
  return { signal: controller.signal, ended: ended.finally(() => clearInterval(alive)), end };
}
