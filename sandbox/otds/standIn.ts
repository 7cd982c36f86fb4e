import type { Context, Definition, Json, Reply, StandInRequest } from '../common/types.ts';
import { isObject } from '../common/fields.ts';
import { act } from './act.ts';
import { callerOf, identify } from './auth.ts';
import { Directory } from './directory.ts';
import { errorBody, OtdsError, refused } from './errors.ts';
import type { OtdsState } from './model.ts';
import { PageCookies } from './paging.ts';
import { find } from './routes.ts';
import { seed } from './seed.ts';
import type { SeedSecrets } from './seed.ts';
import { VERSION } from './version.ts';
import { access } from './view.ts';

/** The parts of a path after `otdsws`, with or without a tenant before it; null for paths outside of OTDS. */
function partsOf(req: StandInRequest): string[] | null {
  const parts = req.segments[0] === 'otdstenant' ? req.segments.slice(2) : req.segments;
  return parts[0] === 'otdsws' ? parts.slice(1) : null;
}

function answer(req: StandInRequest, ctx: Context<OtdsState>, cookies: PageCookies): Reply {
  const parts = partsOf(req);
  const { route, params, known } = find(req.method === 'HEAD' ? 'GET' : req.method, parts ?? []);
  if (!route)
    throw known ? refused('ERR_METHOD', `Method ${req.method} is not allowed`) : refused('NOT_SERVED', 'Not found');
  const who = route.open ? null : identify(req, ctx);
  return route.handler({ req, ctx, state: ctx.state, dir: Directory.of(ctx.state), cookies, who, params });
}

function handle(req: StandInRequest, ctx: Context<OtdsState>, cookies: PageCookies): Reply {
  try {
    return answer(req, ctx, cookies);
  } catch (error) {
    if (!(error instanceof OtdsError)) throw error;
    if (error.chosen !== null) ctx.chosen(error.chosen);
    return { status: error.http, body: errorBody(error.inner, error.message) };
  }
}

function collections(state: OtdsState): Record<string, Record<string, Json>> {
  const { n: _n, signingKey: _key, passwordPolicy: _policy, choices, ...rest } = state;
  return { ...rest, choices, access: access(state) };
}

function check(state: unknown): string | null {
  if (!isObject(state)) return 'The state must be an object.';
  for (const [name, value] of Object.entries(state)) {
    const kind = name === 'n' ? 'number' : name === 'signingKey' ? 'string' : 'object';
    if (kind === 'object' ? !isObject(value) : typeof value !== kind)
      return `The state's field "${name}" must be of type ${kind}.`;
  }
  return null;
}

/** Of a stand-in that nobody gave others; it listens on loopback only. */
export const USUAL_SECRETS: SeedSecrets = { password: 'otds-sandbox', clientSecret: 'otds-sandbox-secret' };

/** OpenText Directory Services as a stand-in: contract sections 2 to 8, as far as `routes.ts` lists. */
export function otds(given: Partial<SeedSecrets> = {}): Definition<OtdsState> {
  const secrets = { ...USUAL_SECRETS, ...given };
  const cookies = new PageCookies();
  return {
    system: 'otds',
    version: VERSION,
    seed: (o) => seed(o, secrets),
    handle: (req, ctx) => handle(req, ctx, cookies),
    act,
    collections,
    derived: (state) => ({ access: access(state) }),
    check,
    callerOf: (req, state) => callerOf(req, state),
    live: ['tickets', 'tokens'],
    secretKeys: [
      'userPassword',
      'newPassword',
      'oldPassword',
      'password',
      'secret',
      'secretKey',
      'bindPassword',
      'signingKey',
    ],
    errorBody: (status, message) => errorBody(90000 + status, message),
  };
}
