import type { Reply } from '../common/types.ts';
import type { Call } from './kit.ts';

type Handler = (call: Call) => Reply | Promise<Reply>;

export type Plane = 'account' | 'permissions' | 'public' | 'environment' | 'queue';

/**
 * One route. `path` begins with a slash, has `{name}` for a parameter, `{name:a|b}` for one of some values and, last,
 * `{name*}` for a parameter with slashes. `takes`: the fields known in query or body (checked by the strict switch only).
 * `upload`: the Upload API, whose calls are not counted and may be signed instead of carrying credentials.
 */
export type Route = {
  method: string;
  path: string;
  plane: Plane;
  takes?: readonly string[];
  upload?: boolean;
  handler: Handler;
};

/** The head of a plane's paths. */
export const BASES: Record<Plane, string> = {
  account: '/v1_1/provisioning/accounts/{account_id}',
  permissions: '/v2/accounts/{account_id}/permissions',
  public: '/v2/accounts/permissions/public',
  environment: '/v1_1/{cloud_name}',
  queue: '/v2/notifications/{cloud_name}',
};

type Indexed = Route & { parts: string[]; weight: string };

export type Found = { route: Route; params: Record<string, string> };

/** Finds routes by path; of several that fit, the one with the longest literal beginning wins. */
export class Router {
  readonly #byMethod = new Map<string, Indexed[]>();
  /** Every route as `METHOD /full/path`. */
  readonly names: string[];

  constructor(routes: readonly Route[]) {
    this.names = routes.map((route) => `${route.method} ${BASES[route.plane]}${route.path}`);
    for (const route of routes) {
      const parts = `${BASES[route.plane]}${route.path}`.split('/').filter((part) => part !== '');
      const same = this.#byMethod.get(route.method) ?? [];
      this.#byMethod.set(route.method, [...same, { ...route, parts, weight: parts.map(weightOf).join('') }]);
    }
    for (const same of this.#byMethod.values()) same.sort((a, b) => (a.weight < b.weight ? 1 : -1));
  }

  /** The vendor's own client encodes the slashes of some paths (`resources%2Fsearch`): they count as slashes too. */
  find(method: string, segments: readonly string[]): Found | null {
    return (
      this.#find(method, segments) ??
      this.#find(
        method,
        segments.flatMap((one) => one.split('/')),
      )
    );
  }

  #find(method: string, segments: readonly string[]): Found | null {
    for (const route of this.#byMethod.get(method) ?? []) {
      const params = fit(route.parts, segments);
      if (params) return { route, params };
    }
    return null;
  }
}

/** Literals before limited parameters before any parameter before the rest. */
function weightOf(part: string): string {
  if (!part.startsWith('{')) return '3';
  if (part.includes(':')) return '2';
  return part.endsWith('*}') ? '0' : '1';
}

function fit(parts: readonly string[], segments: readonly string[]): Record<string, string> | null {
  const params: Record<string, string> = {};
  for (const [i, part] of parts.entries()) {
    const segment = segments[i];
    if (segment === undefined) return null;
    if (!part.startsWith('{')) {
      if (part !== segment) return null;
      continue;
    }
    const [name = '', values] = part.slice(1, -1).split(':');
    if (name.endsWith('*')) {
      params[name.slice(0, -1)] = segments.slice(i).join('/');
      return params;
    }
    if (values !== undefined && !values.split('|').includes(segment)) return null;
    params[name] = segment;
  }
  return parts.length === segments.length ? params : null;
}
