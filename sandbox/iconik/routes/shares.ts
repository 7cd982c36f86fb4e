import type { Reply } from '../../common/types.ts';
import type { Call } from '../kit.ts';
import { ApiRefusal, fieldError, flag, noContent, notFound, ok, param, text, texts } from '../kit.ts';
import { contains, csv, cursor, inRange, listed, matches, page, sorted } from '../paging.ts';
import type { Route } from '../router.ts';
import { needPermission, objectExists } from '../rules/access.ts';
import { ancestorsOf } from '../rules/tree.ts';
import { FLAGS, changeShare, dropShare, newShare, readExpires } from '../rules/sharing.ts';
import { shareItem, shareUserView, shareView } from '../shapes.ts';
import type { Share, State } from '../state.ts';
import { partial } from './aclInput.ts';

const SHARED = ['assets', 'collections'];

/** The object in the path, which must be there and readable. */
function pathObject(call: Call): { type: string; id: string } {
  const [type, id] = [param(call, 'o'), param(call, 'oid')];
  if (!SHARED.includes(type) || !objectExists(call.state, type, id)) throw notFound('Object');
  needPermission(call, 'read', type, id);
  return { type, id };
}

export function pathShare(call: Call): Share {
  const { type, id } = pathObject(call);
  const share = call.state.shares[param(call, 'sid')];
  if (!share || share.object_id !== id || share.object_type !== type) throw notFound('Share');
  return share;
}

/** By e-mail (202, mailed personal links) or as a plain link (200, `url`). */
function create(call: Call, byUrl: boolean): Reply {
  const { type, id } = pathObject(call);
  const emails = texts(call.body, 'emails');
  if (!byUrl && (!emails || emails.length === 0)) throw fieldError('emails', 'Missing data for required field.');
  const odd = emails?.find((email) => !/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(email));
  if (odd !== undefined) throw fieldError('emails', `Not a valid email address: ${odd}`);
  const flags: Record<string, boolean> = {};
  for (const [name, { required, fallback }] of Object.entries(FLAGS)) {
    const value = flag(call.body, name);
    if (required && value === undefined) throw fieldError(name, 'Missing data for required field.');
    flags[name] = value ?? fallback;
  }
  const share = newShare(call.ctx, {
    object_type: type,
    object_id: id,
    owner_id: call.me.id,
    flags,
    title: text(call.body, 'title') ?? null,
    message: text(call.body, 'message') ?? null,
    password: text(call.body, 'password') ?? null,
    project_id: text(call.body, 'project_id') ?? null,
    expires: readExpires(call.ctx, text(call.body, 'expires')),
    emails: byUrl ? [] : (emails ?? []),
    withUrl: byUrl,
  });
  return { status: byUrl ? 200 : 202, body: shareView(call.state, share) };
}

function full(call: Call, share: Share): object {
  const users = Object.values(share.users).map((user) => shareUserView(share, user));
  return { ...shareView(call.state, share), upload_storage_presign_md5_checksum: null, users };
}

function edit(call: Call): Reply {
  const share = pathShare(call);
  const change: Partial<Share> = {};
  for (const field of ['title', 'message'] as const) {
    const value = text(call.body, field);
    if (value !== undefined) change[field] = value;
  }
  const expires = text(call.body, 'expires');
  if (expires) change.expires = readExpires(call.ctx, expires);
  const flags = { ...share.flags };
  for (const name of Object.keys(FLAGS)) flags[name] = flag(call.body, name) ?? flags[name] ?? false;
  changeShare(call.ctx, share, { ...change, flags });
  return ok(shareView(call.state, share));
}

function remove(call: Call): Reply {
  dropShare(call.ctx, pathShare(call));
  return noContent();
}

function ofObject(call: Call): Reply {
  const { type, id } = pathObject(call);
  const own = Object.values(call.state.shares).filter((s) => s.object_id === id && s.object_type === type);
  return cursor(
    call,
    own,
    (share) => share.id,
    (share) => shareView(call.state, share),
  );
}

/** Also shares of the collections above, through which the object can be reached. */
function ofObjectAndAbove(call: Call): Reply {
  const { type, id } = pathObject(call);
  const places = [id, ...ancestorsOf(call.state, type, id)];
  const found = Object.values(call.state.shares).filter((share) => places.includes(share.object_id));
  return page(call, sorted(call, found, sortField), (share) => shareItem(call.state, share), {});
}

function sortField(share: Share, name: string): string | null | undefined {
  switch (name) {
    case 'id':
    case 'title':
    case 'expires':
    case 'owner_id':
    case 'object_id':
    case 'object_type':
    case 'date_created':
      return share[name];
    default:
      return undefined;
  }
}

function isMember(state: State, share: Share, userId: string): boolean {
  const email = state.users[userId]?.email.toLowerCase();
  return Object.values(share.users).some((u) => u.internal_user_id === userId || u.email.toLowerCase() === email);
}

function filtered(call: Call, shares: Share[]): Reply {
  const { query } = call.req;
  const ids = csv(call, 'ids');
  const free = query.get('query');
  const found = shares.filter((share) => {
    for (const field of ['owner_id', 'object_type', 'object_id'] as const) {
      if (query.get(field) && query.get(field) !== share[field]) return false;
    }
    const title = query.get('title');
    const member = query.get('member_id');
    if (title && !matches(title, share.title)) return false;
    if (member && !isMember(call.state, share, member)) return false;
    for (const field of ['expires', 'date_created'] as const) {
      const range = query.get(field);
      if (range && !inRange(range, share[field])) return false;
    }
    if (ids && !ids.includes(share.id)) return false;
    return !free || contains(free, [share.title, share.message, ...Object.values(share.users).map((u) => u.email)]);
  });
  return page(call, sorted(call, found, sortField), (share) => shareItem(call.state, share), {});
}

function own(call: Call): Reply {
  const mine = listed(call, 'shares', call.state.shares).filter(
    (share) => share.owner_id === call.me.id || isMember(call.state, share, call.me.id),
  );
  return filtered(call, mine);
}

/** Removal of many by a JSON body; `all` may take other people's. */
function removeBulk(call: Call, all: boolean): Reply {
  const ids = texts(call.body, 'share_ids');
  if (!ids || ids.length === 0) throw fieldError('share_ids', 'Missing data for required field.');
  const shares = ids.map((id) => {
    const share = call.state.shares[id];
    if (!share) throw notFound(`Share ${id}`);
    if (!all && share.owner_id !== call.me.id) throw new ApiRefusal(403, `Share ${id} is not yours`);
    return share;
  });
  for (const share of partial(call, shares)) dropShare(call.ctx, share);
  return noContent();
}

const V = '/API/assets/v1';
const OBJECT = `${V}/{o}/{oid}/shares`;
const [READ, WRITE] = ['can_read_shares', 'can_write_shares'] as const;
const [DELETE, ALL] = ['can_delete_object_shares', 'can_manage_all_shares'] as const;

export const shareRoutes: Route[] = [
  { method: 'GET', path: `${V}/shares`, role: READ, handler: own },
  {
    method: 'GET',
    path: `${V}/shares/all`,
    role: ALL,
    handler: (call) => filtered(call, listed(call, 'shares', call.state.shares)),
  },
  { method: 'DELETE', path: `${V}/shares/bulk`, role: DELETE, handler: (call) => removeBulk(call, false) },
  { method: 'DELETE', path: `${V}/shares/bulk/all`, role: ALL, handler: (call) => removeBulk(call, true) },
  { method: 'GET', path: OBJECT, role: READ, handler: ofObject },
  { method: 'GET', path: `${OBJECT}/all`, role: READ, handler: ofObjectAndAbove },
  { method: 'POST', path: OBJECT, role: WRITE, handler: (call) => create(call, false) },
  { method: 'POST', path: `${OBJECT}/url`, role: WRITE, handler: (call) => create(call, true) },
  { method: 'GET', path: `${OBJECT}/{sid}`, role: READ, handler: (call) => ok(full(call, pathShare(call))) },
  { method: 'PUT', path: `${OBJECT}/{sid}`, role: WRITE, handler: edit },
  { method: 'DELETE', path: `${OBJECT}/{sid}`, role: DELETE, handler: remove },
];
