import type { Held } from '../../domain/change.ts';
import { SystemError } from '../errors.ts';
import type { CallContext, Listed, Page } from '../port.ts';
import { profileOf } from './account.ts';
import { concernedCollections, heldOn } from './collectionAcl.ts';
import { path } from './client.ts';
import type { Iconik } from './context.ts';
import { accountState, userById } from './find.ts';
import { Interest, shareKey } from './keys.ts';
import { mapConcurrent } from './mapConcurrent.ts';
import { heldMemberships, membershipsOf } from './memberships.ts';
import { aclReply, shareReply, userReply, type Acl, type User } from './replies.ts';
import { groupIdsOf, rowsFor } from './rights.ts';

/** What is the same for every user of a pass: ACLs of the collections that matter, and whose the shares are. Grows with these, not with people. */
type Pass = { entries: string; interest: Interest; acls: readonly Placed[]; shares: ReadonlyMap<string, string[]> };
type Placed = { path: string; acl: Acl };

/** All users with what they hold: one call per page of users, and per pass one for each collection and each page of the rest. */
export class UserList {
  private readonly iconik: Iconik;
  private known: Pass | undefined;

  constructor(iconik: Iconik) {
    this.iconik = iconik;
  }

  /** In order of creation, so that newcomers come last. `page`: what the page before called `next`. */
  async page(page: string | undefined, entries: readonly string[], call: CallContext): Promise<Page<Listed>> {
    const { client } = this.iconik;
    const pass = await this.pass(page === undefined, entries, call);
    const { items, next } =
      page === undefined
        ? await client.page('/API/users/v1/users/', userReply, call, {
            page: 1,
            per_page: client.choices.perPage,
            sort: 'date_created,asc',
          })
        : await client.pageAt(page, userReply, call);
    const unique = [...new Map(items.map((user) => [user.id, user])).values()];
    const rows: Listed[] = [];
    for (const user of unique) if (user.status !== 'DELETED') rows.push(await this.listed(user, pass, call));
    return { items: rows, ...(next && { next }) };
  }

  private async listed(listed: User, pass: Pass, call: CallContext): Promise<Listed> {
    // A list that says nothing of memberships (null or left out) is no statement that there are none.
    const said = [listed.groups, listed.teams, listed.role_groups].some((ids) => Array.isArray(ids));
    const user = said ? listed : ((await userById(this.iconik.client, listed.id, call)) ?? listed);
    const memberships = await membershipsOf(this.iconik, user, call);
    const groups = groupIdsOf(user);
    const held: Held[] = [
      ...heldMemberships(this.iconik, memberships),
      ...pass.acls.flatMap((placed) => heldOn(placed.path, rowsFor(placed.acl, user.id, groups), pass.interest)),
      ...(pass.shares.get(user.id) ?? []).map((id) => ({
        key: shareKey(id),
        how: 'direct' as const,
        closesOnLeave: true,
      })),
    ];
    const email = user.email?.trim().toLowerCase();
    return {
      nativeId: user.id,
      label: email ?? user.id,
      keys: email ? { email } : {},
      actual: {
        account: accountState(user),
        ...(accountState(user) === 'disabled' && { blocked: user.status === 'BLOCKED' }),
        nativeId: user.id,
        profile: profileOf(user),
        held: held.sort((a, b) => (a.key < b.key ? -1 : 1)),
        warnings: [],
      },
    };
  }

  private async pass(first: boolean, entries: readonly string[], call: CallContext): Promise<Pass> {
    const digest = entries.join('\n');
    if (!first && this.known?.entries === digest) return this.known;
    const interest = new Interest(entries);
    await this.iconik.model.get(call);
    const [acls, shares] = await Promise.all([this.acls(interest, call), this.shares(interest, call)]);
    this.known = { entries: digest, interest, acls, shares };
    return this.known;
  }

  private async acls(interest: Interest, call: CallContext): Promise<readonly Placed[]> {
    const { client, config } = this.iconik;
    const collections = await concernedCollections(this.iconik, interest, call);
    const acls = await mapConcurrent(collections, config.limits.concurrent, async (collection) => {
      try {
        return await client.get(path`/API/acls/v1/acl/collections/${collection.id}/`, aclReply, call);
      } catch (error) {
        if (error instanceof SystemError && error.code === 'ICONIK_FORBIDDEN') return undefined;
        throw error;
      }
    });
    return collections.flatMap((collection, index) => {
      const acl = acls[index];
      return acl ? [{ path: collection.path, acl }] : [];
    });
  }

  private async shares(interest: Interest, call: CallContext): Promise<ReadonlyMap<string, string[]>> {
    const byOwner = new Map<string, string[]>();
    if (!interest.shares) return byOwner;
    const all = await this.iconik.client.all('/API/assets/v1/shares/all/', shareReply, call, {
      sort: 'date_created,asc',
    });
    for (const share of all) {
      if (!share.owner_id) continue;
      byOwner.set(share.owner_id, [...(byOwner.get(share.owner_id) ?? []), share.id]);
    }
    return byOwner;
  }
}
