import type { CallContext, Listed, Page } from '../port.ts';
import { profileOf } from './account.ts';
import type { Cloudinary } from './context.ts';
import { enteredBy, enteredInList, heldEnvironments } from './environments.ts';
import { cloudinaryError } from './errors.ts';
import { accountState, byCreation } from './find.ts';
import { heldGroups } from './groups.ts';
import { inspectEverybody, principalName } from './inspect.ts';
import { memberGroupsReply, usersReply, type Group, type HeldRole, type User } from './replies.ts';
import { heldRoles, roleNames, withoutRepeats, type RoleNames } from './roleKeys.ts';

/** What is the same for every user of a pass: who is in which group, and who holds which role. Grows with these, not with people. */
type Pass = {
  groups: ReadonlyMap<string, readonly Group[]>;
  roles: ReadonlyMap<string, readonly HeldRole[]>;
  names: RoleNames;
};

/**
 * All users with what they hold: one call per page of users, and per pass one for all groups, two for all roles (a hundred holders each), one for the
 * environments and one per 500 folders. Access keys are left out: their owners are known by `login@partition`, which no account here tells.
 */
export class UserList {
  private readonly cloudinary: Cloudinary;
  private known: Pass | undefined;

  constructor(cloudinary: Cloudinary) {
    this.cloudinary = cloudinary;
  }

  /**
   * There is no total and no cursor, and the largest page is not known: what the first page really brings is taken for the size, and only a page that
   * is shorter than that, or empty, is the last. `page`: what the page before called `next`.
   */
  async page(page: string | undefined, call: CallContext): Promise<Page<Listed>> {
    const { client } = this.cloudinary;
    client.account.requireRoomForScan();
    const pass = page !== undefined && this.known ? this.known : await this.pass(call);
    const { usersPerPage } = client.choices;
    const [number = 1, size = usersPerPage] = (page ?? '').split('/').filter(Boolean).map(Number);
    const query = { page: number, page_size: usersPerPage, ...byCreation };
    const { users } = await client.account.get(client.v1('/users'), usersReply, call, query);
    const unique = [...new Map(users.map((user) => [user.id, user])).values()];
    const items: Listed[] = [];
    for (const user of unique) items.push(await this.listed(user, pass, call));
    const full = number === 1 ? users.length : size;
    const last = users.length === 0 || users.length < full;
    return { items, ...(!last && { next: `${number + 1}/${full}` }) };
  }

  private async listed(user: User, { groups, roles, names }: Pass, call: CallContext): Promise<Listed> {
    const environments = await this.cloudinary.catalog.environments(call);
    const entered = enteredInList(user, environments) ?? (await enteredBy(this.cloudinary, user, call));
    const own = groups.get(user.id) ?? [];
    const ofGroups = own.flatMap(({ id }) => roles.get(principalName({ type: 'group', id })) ?? []);
    const email = user.email?.trim().toLowerCase();
    return {
      nativeId: user.id,
      label: email ?? user.id,
      keys: email ? { email } : {},
      actual: {
        account: accountState(user),
        nativeId: user.id,
        profile: profileOf(user),
        held: withoutRepeats([
          ...heldGroups(own),
          ...heldEnvironments(this.cloudinary, entered, environments),
          ...heldRoles(names, roles.get(principalName({ type: 'user', id: user.id })) ?? [], ofGroups),
        ]),
        warnings: [],
      },
    };
  }

  private async pass(call: CallContext): Promise<Pass> {
    const { client, catalog } = this.cloudinary;
    const [{ user_groups }, roles] = await Promise.all([
      client.account.get(client.v1('/user_groups'), memberGroupsReply, call, { extended_details: true }),
      inspectEverybody(this.cloudinary, call).catch(async (error: unknown) => {
        // Asked only now: an account with roles, the usual one, costs no call for it.
        throw (await catalog.roles(call)) ? error : cloudinaryError('CLOUDINARY_LEGACY_PERMISSIONS');
      }),
    ]);
    const groups = new Map<string, Group[]>();
    for (const { users, ...group } of user_groups)
      for (const { id } of users ?? []) groups.set(id, [...(groups.get(id) ?? []), group]);
    const held = [...roles].flatMap(([name, rows]) => (/^(user|group)\|/.test(name) ? rows : []));
    this.known = { groups, roles, names: await roleNames(this.cloudinary, held, () => false, call) };
    return this.known;
  }
}
