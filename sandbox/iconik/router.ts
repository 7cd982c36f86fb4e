import type { Reply } from '../common/types.ts';
import type { Call } from './kit.ts';

type Handler = (call: Call) => Reply;

/**
 * One route. `path` has `{name}` for a parameter; slashes at the end do not count.
 * `role` is asked for before the handler runs; `open` routes need no headers.
 */
export type Route = { method: string; path: string; role?: string; open?: boolean; handler: Handler };

type Indexed = Route & { parts: string[] };

export type Found = { route: Route; params: Record<string, string> };

/** Finds routes by path; of several that fit, the one with the longest literal beginning wins. */
export class Router {
  readonly #byLength = new Map<number, Indexed[]>();
  /** Every route as `METHOD /path/{parameter}/`, with the slash at the end that the contract has. */
  readonly names: readonly string[];

  constructor(routes: readonly Route[]) {
    this.names = routes.map(routeName);
    for (const route of routes) {
      const parts = route.path.split('/').filter((part) => part !== '');
      const same = this.#byLength.get(parts.length) ?? [];
      this.#byLength.set(parts.length, [...same, { ...route, parts }]);
    }
    for (const same of this.#byLength.values()) same.sort((a, b) => (weight(a) < weight(b) ? 1 : -1));
  }

  /** The route, `method` when the path is known with other methods only, null when it is unknown. */
  find(method: string, segments: readonly string[]): Found | 'method' | null {
    let known = false;
    for (const route of this.#byLength.get(segments.length) ?? []) {
      const params = fit(route.parts, segments);
      if (!params) continue;
      known = true;
      if (route.method === method) return { route, params };
    }
    return known ? 'method' : null;
  }
}

export function routeName(route: Pick<Route, 'method' | 'path'>): string {
  return `${route.method} ${route.path}/`;
}

/** Literals before parameters, from left to right. */
function weight(route: Indexed): string {
  return route.parts.map((part) => (part.startsWith('{') ? '0' : '1')).join('');
}

function fit(parts: readonly string[], segments: readonly string[]): Record<string, string> | null {
  const params: Record<string, string> = {};
  for (const [i, part] of parts.entries()) {
    const segment = segments[i] ?? '';
    if (part.startsWith('{')) params[part.slice(1, -1)] = segment;
    else if (part !== segment) return null;
  }
  return params;
}
