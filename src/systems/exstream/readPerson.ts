import type { Actual } from '../../domain/change.ts';
import { matches, matchesAny } from '../../domain/entitlement.ts';
import type { AccountRef, CallContext } from '../port.ts';
import { domainsIn } from './carriers.ts';
import type { Exstream } from './context.ts';
import { accountOf, seePerson, type Seen } from './people.ts';
import { groupRolesIn, permissionsOf, rightsOf, type Right } from './rights.ts';
import { same } from './shapes.ts';

/**
 * See `Target.read`. The account is whether the door is open (`accountOf`); what is held are the roles by all direct groups, each asked for in Exstream's own
 * effective permissions.
 */
export async function readPerson(
  ex: Exstream,
  account: AccountRef,
  interest: readonly string[],
  call: CallContext,
): Promise<Actual> {
  const domains = domainsIn(interest, Object.keys(ex.config.domains));
  const [seen, rows] = await Promise.all([seePerson(ex, account, call), groupRolesIn(ex, domains, call)]);
  if (!seen) return { account: 'absent', profile: {}, held: [], warnings: [] };
  const rights = rightsOf(ex, seen, rows);
  const wanted = rights.filter(({ key }) => matchesAny(interest, key));
  const unproved = await Promise.all(wanted.map((right) => permissionWarning(ex, right, call)));
  const warnings = [
    ...doorWarnings(ex, seen),
    ...writerWarnings(ex, interest),
    ...idleWarnings(ex, seen, rights, domains),
    ...unproved.flat(),
  ];
  return { ...actualOf(seen, rights, interest), warnings };
}

/** Somebody as the port wants it; no request is made. */
export function actualOf(seen: Seen, rights: readonly Right[], interest: readonly string[]): Actual {
  const wanted = rights.filter(({ key }) => matchesAny(interest, key));
  return {
    account: accountOf(seen),
    nativeId: seen.user.uuid,
    profile: {},
    held: wanted.map(({ key, how }) => ({ key, how })),
    warnings: [],
  };
}

async function permissionWarning(ex: Exstream, right: Right, call: CallContext): Promise<string[]> {
  const permissions = await permissionsOf(ex, right, call);
  if (permissions === undefined)
    return [
      `Exstream does not show effective permissions in ${right.domain}: ${right.key} rests on the group-role alone.`,
    ];
  return permissions.length > 0
    ? []
    : [`${right.key} permits nothing: its role has no permissions in ${right.domain}.`];
}

function doorWarnings({ config }: Exstream, { unclear }: Seen): string[] {
  if (!unclear) return [];
  return [
    `Access role ${config.accessRole} is given to organisational units: whether one lets the person in cannot be told.`,
  ];
}

/** In a carrying group without its role: nothing yet, and a right the moment somebody gives the group the role. */
function idleWarnings({ carriers }: Exstream, { groups }: Seen, rights: readonly Right[], domains: string[]): string[] {
  const idle = carriers.all.filter(
    ({ key, group, domain }) =>
      domains.includes(domain) &&
      groups.some((name) => same(name, group)) &&
      !rights.some((right) => right.key === key && right.how === 'direct'),
  );
  return idle.map(
    ({ key, group }) =>
      `Group ${group} is to carry ${key} and lacks the role in Exstream: its members have nothing by it.`,
  );
}

/** What this target writes in OTDS must be nobody else's to write: the policy would take away on `otds` what it grants here. */
function writerWarnings({ carriers, config }: Exstream, interest: readonly string[]): string[] {
  const ours = [...carriers.all.map(({ group }) => `otds:group/${group}`), `otds:accessrole/${config.accessRole}`];
  const theirs = interest.filter((pattern) => pattern.startsWith('otds:'));
  return ours
    .filter((key) => theirs.some((pattern) => matches(pattern, key)))
    .map(
      (key) =>
        `The policy manages ${key}, which Exstream's access is kept in: take it out of managed, or two targets undo each other.`,
    );
}
