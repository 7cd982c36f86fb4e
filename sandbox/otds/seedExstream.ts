import type { Context } from '../common/types.ts';
import { Directory } from './directory.ts';
import type { OtdsState } from './model.ts';
import { OAUTH_PARTITION } from './oauthClients.ts';
import { addResource } from './resources.ts';
import { uuidOf } from './seedIds.ts';
import { addGroup, link } from './writes.ts';

/** Where Exstream's stock groups are, and those that carry its roles. */
export const EXSTREAM_PARTITION = 'exstream.role';
const RESOURCE = 'Exstream';

/** Stock groups, one carrying group for each right, and who administers a region. */
const GROUPS: readonly (readonly [name: string, description: string])[] = [
  ['tenantadmins', 'Stock group: administrators of the tenant'],
  ['tenantusers', 'Stock group: users of the tenant'],
  ['Designers', 'Carries commdesigner in Development'],
  ['Reviewers', 'Carries reviewer in Production'],
  ['Operators', 'Carries tenantuser in Production'],
  ['Authors EMEA', 'Carries bcauser in Regional EMEA'],
  ['Admins EMEA', 'Decide about the region EMEA'],
];
const ADMIN_EMEA = 'ingrid.solberg';

/** What a shop with Exstream has in its OTDS: the partition's groups, and the resource, which lets in nobody yet but the service client of Tenure. */
export function exstreamShop(ctx: Context<OtdsState>): void {
  for (const [name, description] of GROUPS) {
    const uuid = uuidOf(`group:${name}@${EXSTREAM_PARTITION}`);
    addGroup(ctx, { partition: EXSTREAM_PARTITION, name, description, uuid });
  }
  addResource(ctx, {
    name: RESOURCE,
    resourceID: uuidOf(`resourceID:${RESOURCE}`),
    secretKey: 'bm9ydGh3aW5kLWV4c3RyZQ==',
    uuid: uuidOf(`resource:${RESOURCE}`),
    accessRoleUuid: uuidOf(`accessRole:${RESOURCE}`),
    userUuid: uuidOf(`resourceUser:${RESOURCE}`),
    fields: { displayName: 'Exstream', description: 'Letters to customers' },
  });
  const dir = Directory.of(ctx.state);
  const client = dir.users.named('tenure', OAUTH_PARTITION);
  ctx.state.accessRoles[`Access to ${RESOURCE}`]?.members.users.push(...client.map(({ uuid }) => uuid));
  const [container] = dir.groups.named('Admins EMEA', EXSTREAM_PARTITION);
  const [member] = dir.users.named(ADMIN_EMEA, 'staff');
  if (container && member)
    link(ctx, { membership: dir.groupMembers, object: 'membership', container, kind: 'users', member });
}
