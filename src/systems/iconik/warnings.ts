import { SystemError } from '../errors.ts';
import type { CallContext } from '../port.ts';
import type { IconikClient } from './client.ts';
import { isSystemGroup, type Iconik } from './context.ts';
import { rolesKey, teamKey, type Interest } from './keys.ts';
import type { Memberships } from './memberships.ts';
import { appReply, type Group, type User } from './replies.ts';

/** How many applications act as a user by default, remembered for a moment: the whole list is needed to tell. */
export class ApplicationList {
  private readonly client: IconikClient;
  private known: { users: readonly string[]; readAt: number } | undefined;

  constructor(client: IconikClient) {
    this.client = client;
  }

  async actingAs(userId: string, call: CallContext): Promise<number> {
    const known = this.known;
    const users =
      known && performance.now() - known.readAt < this.client.choices.appsMs ? known.users : await this.read(call);
    return users.filter((id) => id === userId).length;
  }

  private async read(call: CallContext): Promise<readonly string[]> {
    const readAt = performance.now();
    const apps = await this.client.allByCursor('/API/auth/v1/apps/', appReply, call);
    const users = apps.flatMap((app) => (app.default_user_id ? [app.default_user_id] : []));
    this.known = { users, readAt };
    return users;
  }
}

/** What a person must be told about one user that no change mends. */
export async function warningsOf(
  iconik: Iconik,
  user: User,
  memberships: Memberships,
  interest: Interest,
  call: CallContext,
): Promise<string[]> {
  return [
    ...(user.is_admin === true
      ? ['This user is a domain owner: no ACL and no role group limits it, and only iconik itself takes that away.']
      : []),
    ...(await applications(iconik, user, call)),
    ...samlGroups(memberships, interest),
    ...sameNames(memberships),
    ...(await primaryTeam(iconik, user, memberships, call)),
  ];
}

async function applications(iconik: Iconik, user: User, call: CallContext): Promise<string[]> {
  try {
    const count = await iconik.applications.actingAs(user.id, call);
    if (count === 0) return [];
    const acts = count === 1 ? '1 application token acts' : `${count} application tokens act`;
    return [
      `${acts} as this user and stop when it is disabled (a Storage Gateway may be among them): move them to a service account.`,
    ];
  } catch (error) {
    if (!(error instanceof SystemError) || error.code !== 'ICONIK_FORBIDDEN') throw error;
    return ['Applications that act as this user are not known: our service account lacks the role can_read_apps.'];
  }
}

function samlGroups(memberships: Memberships, interest: Interest): string[] {
  const { catalog } = memberships;
  const concerned = (group: Group, kind: 'teams' | 'roles') =>
    group.is_saml_group === true &&
    (memberships[kind].some((held) => held.id === group.id) ||
      interest.names(kind === 'teams' ? teamKey(group.name) : rolesKey(group.name)));
  const names = [
    ...[...catalog.teams.values()].filter((group) => concerned(group, 'teams')).map((group) => group.name),
    ...[...catalog.roles.values()].filter((group) => concerned(group, 'roles')).map((group) => group.name),
  ];
  return [...new Set(names)].map(
    (name) => `SAML claims govern "${name}" in iconik: a change there is undone at the person's next log-in.`,
  );
}

function sameNames({ teams, roles, catalog }: Memberships): string[] {
  const repeated = (held: readonly Group[], all: ReadonlyMap<string, Group>) =>
    held.filter((group) => [...all.values()].some((other) => other.id !== group.id && other.name === group.name));
  const names = [...repeated(teams, catalog.teams), ...repeated(roles, catalog.roles)].map((group) => group.name);
  return [...new Set(names)].map(
    (name) =>
      `Several teams or role groups in iconik are called "${name}"; they count as one, and none can be granted. Rename all but one.`,
  );
}

/** Nobody can be removed from their primary team until another is set (contract section 4). */
async function primaryTeam(iconik: Iconik, user: User, memberships: Memberships, call: CallContext): Promise<string[]> {
  const primary = memberships.teams.find((team) => team.id === user.primary_group);
  if (!primary || isSystemGroup(iconik, primary) || memberships.catalog.model === 'legacy') return [];
  if (await iconik.catalogs.findTeam(iconik.config.fallbackTeam, call)) return [];
  return [
    `The primary team "${primary.name}" may not be removable: the fallback team "${iconik.config.fallbackTeam}" does not exist in iconik (or not only once).`,
  ];
}
