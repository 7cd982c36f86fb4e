import type { Reply } from '../common/types.ts';
import type { Call } from './kit.ts';

type Handler = (call: Call) => Reply;

/**
 * One route. `path` has `{name}` for a parameter; slashes at the end do not count.
 * `role` is asked for before the handler runs; `open` routes need no headers.
 */
export type Route = { method: string; path: string; role?: string; open?: boolean; handler: Handler };

/** `METHOD /path/{parameter}/`, with the slash at the end that the contract has. */
export function routeName(route: Pick<Route, 'method' | 'path'>): string {
  return `${route.method} ${route.path}/`;
}
