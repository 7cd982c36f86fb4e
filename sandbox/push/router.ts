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

/** The route that fits with its parameters, or null. */
export function findRoute<S>(
  routes: readonly Route<S>[],
  method: string,
  segments: readonly string[],
): { route: Route<S>; params: Record<string, string> } | null {
  for (const route of routes) {
    const params = route.method === method ? fit(route.path, segments) : null;
    if (params) return { route, params };
  }
  return null;
}

function fit(path: string, segments: readonly string[]): Record<string, string> | null {
  const parts = path.split('/').filter((part) => part !== '');
  if (parts.length !== segments.length) return null;
  const params: Record<string, string> = {};
  for (const [i, part] of parts.entries()) {
    const segment = segments[i] ?? '';
    if (part.startsWith('{')) params[part.slice(1, -1)] = segment;
    else if (part !== segment) return null;
  }
  return params;
}
