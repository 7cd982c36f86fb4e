import type { Reply } from '../common/types.ts';
import type { SemiGroup } from './chosen.ts';
import type { Call } from './kit.ts';

type Handler = (call: Call) => Reply | Promise<Reply>;

/**
 * One route. `path` has `{name}` for a parameter. `section` is that of the contract. `semi`: the call is semi-public and
 * may be switched off. `query` and `body` are all the parameters and fields the contract knows: others are refused in
 * strict mode. `login`: `bearer` unless said.
 */
export type Route = {
  method: string;
  path: string;
  section: string;
  handler: Handler;
  semi?: SemiGroup;
  query?: readonly string[];
  body?: readonly string[] | 'any';
  headers?: readonly string[] | 'any';
  login?: 'bearer' | 'ticket' | 'none';
};
