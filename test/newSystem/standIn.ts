/** An invented system of door badges: `PUT`, `GET`, `DELETE /badges/{id}`, doors below it, a list. Served like every stand-in: control address, faults, ledger. */
import type { Context, Definition, Reply, StandInRequest } from '../../sandbox/common/types.ts';

export const KEY = 'badge-key-7f3a';

export type Badge = { id: string; name: string; mail: string; active: boolean; doors: string[] };
type State = { badges: Record<string, Badge> };

const PAGE = 3;

export const badgeStandIn: Definition<State> = {
  system: 'badge',
  version: 'invented',
  seed: () => ({ badges: {} }),
  handle: (req, ctx) => (req.headers['x-key'] === KEY ? route(req, ctx) : { status: 401, body: { error: 'key' } }),
  collections: ({ badges }) => ({ badges }),
  secretKeys: [],
  errorBody: (_status, message) => ({ error: message }),
};

function route(req: StandInRequest, ctx: Context<State>): Reply {
  const [root, id, doors, door] = req.segments;
  const { badges } = ctx.state;
  if (root !== 'badges') return { status: 404, body: { error: 'path' } };
  if (id === undefined) return list(req, badges);
  const badge = badges[id];
  if (req.method === 'PUT' && doors === undefined) {
    const { name, mail, active } = req.json() as Omit<Badge, 'id' | 'doors'>; // the only client is ours
    const after = { id, name, mail, active, doors: badge?.doors ?? [] };
    badges[id] = after;
    ctx.write({ object: 'badge', id, before: badge ?? null, after });
    return { status: 200, body: after };
  }
  if (!badge) return { status: 404, body: { error: 'badge' } };
  if (req.method === 'GET') return { status: 200, body: badge };
  if (doors !== 'doors' || door === undefined) return { status: 405, body: { error: 'method' } };
  const before = { doors: [...badge.doors] };
  badge.doors = [...badge.doors.filter((held) => held !== door), ...(req.method === 'PUT' ? [door] : [])].sort();
  ctx.write({ object: 'badge', id, before, after: { doors: badge.doors } });
  return { status: 204 };
}

function list(req: StandInRequest, badges: State['badges']): Reply {
  const after = req.query.get('after') ?? '';
  const mail = req.query.get('mail');
  const all = Object.values(badges).filter((badge) => badge.id > after && (mail === null || badge.mail === mail));
  const items = all.sort((a, b) => (a.id < b.id ? -1 : 1)).slice(0, PAGE);
  return { status: 200, body: { items, more: all.length > PAGE } };
}
