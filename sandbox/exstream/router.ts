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

export type Found = { route: Route; params: Record<string, string> };

type Indexed = Route & { parts: string[] };

/** Finds routes by path; of several that fit, the one with the longest literal beginning wins. */
export class Router {
  readonly routes: readonly Route[];
  readonly #byLength = new Map<number, Indexed[]>();

  constructor(routes: readonly Route[]) {
    this.routes = routes;
    for (const route of routes) {
      const parts = route.path.split('/').filter((part) => part !== '');
      this.#byLength.set(parts.length, [...(this.#byLength.get(parts.length) ?? []), { ...route, parts }]);
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
