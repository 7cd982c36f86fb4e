import type { Reply } from '../../common/types.ts';
import type { Call } from '../kit.ts';
import { created, fieldError, notFound, ok, okOrNoContent, param, recordWrite, requiredText, text } from '../kit.ts';
import { cursor } from '../paging.ts';
import type { Route } from '../router.ts';
import { addShareUser } from '../rules/sharing.ts';
import { shareUserView } from '../shapes.ts';
import type { ShareUser } from '../state.ts';
import { pathShare } from './shares.ts';

function pathShareUser(call: Call): ShareUser {
  const user = pathShare(call).users[param(call, 'suid')];
  if (!user) throw notFound('Share user');
  return user;
}

function list(call: Call): Reply {
  const share = pathShare(call);
  return cursor(
    call,
    Object.values(share.users),
    (user) => user.id,
    (user) => shareUserView(share, user),
  );
}

function add(call: Call): Reply {
  const share = pathShare(call);
  const email = requiredText(call.body, 'email').toLowerCase();
  if (!email.includes('@')) throw fieldError('email', 'Not a valid email address.');
  const known = Object.values(share.users).find((user) => user.email === email);
  const user = known ?? addShareUser(call.ctx, share, email);
  recordWrite(call.ctx, 'share_user', `${share.id}/${user.id}`, known ? { email } : null, { email });
  return created(shareUserView(share, user));
}

function edit(call: Call): Reply {
  const share = pathShare(call);
  const user = pathShareUser(call);
  const before = { email: user.email };
  user.email = text(call.body, 'email')?.toLowerCase() ?? user.email;
  recordWrite(call.ctx, 'share_user', `${share.id}/${user.id}`, before, { email: user.email });
  return ok(shareUserView(share, user));
}

function remove(call: Call): Reply {
  const share = pathShare(call);
  const user = pathShareUser(call);
  delete share.users[user.id];
  delete share.links[user.id];
  recordWrite(call.ctx, 'share_user', `${share.id}/${user.id}`, { email: user.email }, null);
  return okOrNoContent(call, {});
}

const PATH = '/API/assets/v1/{o}/{oid}/shares/{sid}/users';
const [READ, WRITE] = ['can_read_shares', 'can_write_shares'] as const;

export const shareUserRoutes: Route[] = [
  { method: 'GET', path: PATH, role: READ, handler: list },
  { method: 'POST', path: PATH, role: WRITE, handler: add },
  {
    method: 'GET',
    path: `${PATH}/{suid}`,
    role: READ,
    handler: (call) => ok(shareUserView(pathShare(call), pathShareUser(call))),
  },
  { method: 'PUT', path: `${PATH}/{suid}`, role: WRITE, handler: edit },
  { method: 'PATCH', path: `${PATH}/{suid}`, role: WRITE, handler: edit },
  { method: 'DELETE', path: `${PATH}/{suid}`, role: WRITE, handler: remove },
];
