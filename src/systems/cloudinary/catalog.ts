import type { CallContext } from '../port.ts';
import type { CloudinaryClient } from './client.ts';
import { cloudinaryError } from './errors.ts';
import { shortRole, type Key } from './entitlements.ts';
import { path, shapedAs } from './plane.ts';
import { Remembered } from './remembered.ts';
import {
  environmentsReply,
  groupReply,
  groupsReply,
  rolesReply,
  type Environment,
  type Group,
  type Role,
} from './replies.ts';

type RoleKind = Exclude<Key['kind'], 'group' | 'environment' | 'key' | 'content'>;

/** Names of the account's environments, groups and roles, remembered for a while; a missing name is looked up at once. */
export class Catalog {
  private readonly client: CloudinaryClient;
  private readonly environmentList: Remembered<readonly Environment[]>;
  private readonly groupList: Remembered<readonly Group[]>;
  private readonly roleList: Remembered<readonly Role[] | undefined>;

  constructor(client: CloudinaryClient) {
    this.client = client;
    const { catalogMs } = client.choices;
    this.environmentList = new Remembered(catalogMs, async (call) => await this.readEnvironments(call));
    this.groupList = new Remembered(catalogMs, async (call) => await this.readGroups(call));
    this.roleList = new Remembered(catalogMs, async (call) => await this.readRoles(call));
  }

  /** Every product environment; `needs` are ids that must be among them, or they are read again once. */
  async environments(call: CallContext, needs: readonly string[] = []): Promise<readonly Environment[]> {
    return await this.environmentList.get(call, (known) => needs.every((id) => known.some((one) => one.id === id)));
  }

  /** Throws where the address and account id do not lead to an account that we may read, now. */
  async confirmAccount(call: CallContext): Promise<void> {
    await this.environmentList.fresh(call);
  }

  /** The environment of that cloud name. Throws CLOUDINARY_UNKNOWN_ENVIRONMENT. */
  async environmentNamed(cloud: string, call: CallContext): Promise<Environment> {
    const found = await this.findEnvironment(cloud, call);
    if (!found) throw cloudinaryError('CLOUDINARY_UNKNOWN_ENVIRONMENT', { about: cloud });
    return found;
  }

  async findEnvironment(cloud: string, call: CallContext): Promise<Environment | undefined> {
    const named = (one: Environment) => one.cloud_name === cloud;
    return (await this.environmentList.get(call, (known) => known.some(named))).find(named);
  }

  /**
   * The one group of that name, confirmed by id: a group renamed since the last look must not receive what its old name is due.
   * Throws CLOUDINARY_UNKNOWN_GROUP, CLOUDINARY_AMBIGUOUS_NAME.
   */
  async groupNamed(name: string, call: CallContext): Promise<Group> {
    const named = (one: Group) => one.name === name;
    const known = (await this.groupList.get(call, (groups) => groups.some(named))).filter(named);
    const [only] = known;
    if (known.length === 1 && only && (await this.groupNow(only.id, call))?.name === name) return only;
    const again = (await this.groupList.fresh(call)).filter(named);
    const [found] = again;
    if (!found) throw cloudinaryError('CLOUDINARY_UNKNOWN_GROUP', { about: name });
    if (again.length > 1) throw cloudinaryError('CLOUDINARY_AMBIGUOUS_NAME', { about: name });
    return found;
  }

  /** Every role, or undefined where the account still has the legacy permissions. */
  async roles(call: CallContext): Promise<readonly Role[] | undefined> {
    return await this.roleList.get(call, (roles) => roles !== undefined);
  }

  /** Throws CLOUDINARY_LEGACY_PERMISSIONS where Permissions v2 is not in force: nothing is written there. */
  async requireRoles(call: CallContext): Promise<readonly Role[]> {
    const roles = await this.roles(call);
    if (!roles) throw cloudinaryError('CLOUDINARY_LEGACY_PERMISSIONS');
    return roles;
  }

  /** The one role of that kind and short name. Throws CLOUDINARY_UNKNOWN_ROLE, CLOUDINARY_AMBIGUOUS_NAME. */
  async roleNamed(kind: RoleKind, name: string, call: CallContext): Promise<Role> {
    await this.requireRoles(call);
    const named = (role: Role) => roleKind(role) === kind && shortRole(role.id) === name;
    const found = ((await this.roleList.get(call, (roles) => roles?.some(named) === true)) ?? []).filter(named);
    const [only] = found;
    if (!only) throw cloudinaryError('CLOUDINARY_UNKNOWN_ROLE', { about: `${kind} ${name}` });
    if (found.length > 1) throw cloudinaryError('CLOUDINARY_AMBIGUOUS_NAME', { about: name });
    return only;
  }

  private async groupNow(groupId: string, call: CallContext): Promise<Group | undefined> {
    return await this.client.account.lookUp(this.client.v1(path`/user_groups/${groupId}`), groupReply, call);
  }

  private async readEnvironments(call: CallContext): Promise<readonly Environment[]> {
    return (await this.client.account.get(this.client.v1('/sub_accounts'), environmentsReply, call)).sub_accounts;
  }

  private async readGroups(call: CallContext): Promise<readonly Group[]> {
    return (await this.client.account.get(this.client.v1('/user_groups'), groupsReply, call)).user_groups;
  }

  /** A move to Roles and Permissions has no way back, so a refusal after it is a fault and throws. */
  private async readRoles(call: CallContext): Promise<readonly Role[] | undefined> {
    const { account, choices } = this.client;
    const of = async (permission_type: string) =>
      await account.raw(this.client.v2('/roles'), call, { permission_type });
    const replies = await Promise.all([of('global'), of('content')]);
    const legacy = replies.every((reply) => choices.legacyStatuses.includes(reply.status) && !reply.garbled);
    if (legacy && this.roleList.known() === undefined) return undefined;
    return replies.flatMap((reply) => {
      if (reply.status !== 200 || reply.empty || reply.garbled) throw account.errorOf(reply);
      return shapedAs(reply.json(), rolesReply).data;
    });
  }
}

/** What a role is granted on, by its scope and the parameter it needs; undefined for content roles of a kind that we do not know. */
function roleKind(role: Role): RoleKind | undefined {
  const parameters = role.policy_parameters ?? [];
  if (role.scope_type === 'account') return parameters.length === 0 ? 'account-role' : undefined;
  if (parameters.length === 0) return 'role';
  if (parameters.length > 1) return undefined;
  if (parameters[0] === 'folder_id') return 'folder';
  return parameters[0] === 'collection_id' ? 'collection' : undefined;
}
