import type { Context, Reply, StandInRequest } from '../common/types.ts';

/** One request on its way to its handler. */
export type Call<S> = {
  req: StandInRequest;
  ctx: Context<S>;
  state: S;
  /** Path parameters, decoded. */
  params: Record<string, string>;
  /** Whether what the contract does not know is refused. */
  strict: boolean;
};

/** `path` has `{name}` for a parameter; slashes at the end do not count. */
export type Route<S> = { method: string; path: string; handler: (call: Call<S>) => Reply };
