/**
 * What Tenure assumes about Exstream without a public source (the [U] and [I] marks of `contracts/exstream.md`), in one place. Compare with a real
 * one at first contact; `createExstream(config, deps)` takes differences as `deps.choices`.
 */
export type ExstreamChoices = {
  /** Where the Design service is below the configured origin. */
  designPath: string;
  /** Rows asked for at once; more than `totalElements` is never needed. Whether `offset` counts rows or pages is unknown, so it is never sent. */
  count: number;
  /** `apply` may need several requests: its whole limit is this many times `limits.requestMs`. */
  requestsPerChange: number;
  /** How late a read may lag behind a write, milliseconds. Nothing found that says so; the life of tokens is another thing (`tokenLifeSeconds`). */
  readLagMs: number;
  /** A token is renewed when less than this is left of its life, milliseconds. */
  renewAheadMs: number;
  /** After a refused login: no other try with the same secret for this long, milliseconds. */
  loginPauseMs: number;
};

export const defaultChoices: ExstreamChoices = {
  designPath: '/design/api/v1',
  count: 1_000,
  requestsPerChange: 4,
  readLagMs: 0,
  renewAheadMs: 30_000,
  loginPauseMs: 300_000,
};

/** Accounts per page of `list`. */
export const PAGE_SIZE = 200;
