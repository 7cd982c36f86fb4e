/** Where a route is: `path` has `{name}` for a parameter; slashes at its end do not count. */
type Place = { method: string; path: string };

export type Found<R> = { route: R; params: Record<string, string> };

type Indexed<R> = { route: R; parts: readonly string[]; weight: string };

/** Finds routes by path; of several that fit, the one with the longest literal beginning wins. */
export class Router<R extends Place> {
  readonly #byLength = new Map<number, Indexed<R>[]>();

  constructor(routes: readonly R[]) {
    for (const route of routes) {
      const parts = route.path.split('/').filter((part) => part !== '');
      const same = this.#byLength.get(parts.length) ?? [];
      this.#byLength.set(parts.length, [...same, { route, parts, weight: weightOf(parts) }]);
    }
    for (const same of this.#byLength.values()) same.sort((a, b) => (a.weight < b.weight ? 1 : -1));
  }

  /** The route, `method` when the path is known with other methods only, null when it is unknown. */
  find(method: string, segments: readonly string[]): Found<R> | 'method' | null {
    let known = false;
    for (const { route, parts } of this.#byLength.get(segments.length) ?? []) {
      const params = fit(parts, segments);
      if (!params) continue;
      known = true;
      if (route.method === method) return { route, params };
    }
    return known ? 'method' : null;
  }
}

/** Literals before parameters, from left to right. */
function weightOf(parts: readonly string[]): string {
  return parts.map((part) => (part.startsWith('{') ? '0' : '1')).join('');
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
