import { SystemError } from '../errors.ts';
import type { HttpReply } from '../http.ts';
import type { CallContext, ProbeResult } from '../port.ts';
import { shapedAs } from './client.ts';
import type { Iconik } from './context.ts';
import { currentUserReply, rolesReply } from './replies.ts';

const current = '/API/users/v1/users/current/';

/** Roles our account needs (contract section 14); `canDelete`: users are deleted after retention. */
function neededRoles(model: 'simplified' | 'legacy', canDelete: boolean): string[] {
  const three = (what: string) => [`can_read_${what}`, `can_write_${what}`, `can_delete_${what}`];
  return [
    'can_read_users',
    'can_create_users',
    'can_write_users',
    ...(canDelete ? ['can_delete_users'] : []),
    ...(model === 'simplified' ? [...three('teams'), ...three('role_groups')] : three('groups')),
    'can_read_group_mappings',
    ...three('acls'),
    'can_read_collections',
    'can_create_collections',
    'can_write_collections',
    'can_read_apps',
    'can_read_stats',
    'can_manage_all_shares',
  ];
}

/** Reachable, credentials, access model, missing roles, fallback team, clock. Says what is wrong instead of throwing. */
export async function probe(iconik: Iconik, call: CallContext): Promise<ProbeResult> {
  const down: ProbeResult = { reachable: false, credentials: false, capabilities: {}, problems: [] };
  let reachable = false;
  try {
    const token = await iconik.client.raw('/API/auth/v1/auth/token/', call);
    // A proxy's page is no iconik, whatever its status.
    reachable = !token.garbled && token.status < 500;
    if (token.status !== 200 || token.garbled)
      return {
        ...down,
        reachable,
        problems: [`iconik answers ${token.status} when asked about our application token: check systems.iconik.url.`],
      };
    return await probeDomain(iconik, skewOf(token), call);
  } catch (error) {
    if (!(error instanceof SystemError)) throw error;
    return { ...down, reachable: reachable || error.status !== undefined, problems: [error.message] };
  }
}

async function probeDomain(iconik: Iconik, clockSkewMs: number | undefined, call: CallContext): Promise<ProbeResult> {
  const problems: string[] = [];
  const own = shapedAs((await iconik.client.raw(current, call)).json(), currentUserReply);
  const migrated = own.has_domain_been_migrated_to_simplified_acls === true;
  const { objects } = await iconik.client.get(`${current}roles/`, rolesReply, call);
  const held = new Set(objects ?? []);
  const needed = neededRoles(migrated ? 'simplified' : 'legacy', iconik.config.deleteAfterDays !== undefined);
  if (!migrated)
    problems.push(
      'This domain has the legacy access model: only iconik:group/ entitlements count here, iconik:team/ and iconik:roles/ need a migrated domain.',
    );
  if (own.is_admin === true) problems.push('Our service account is a domain owner: give it only the roles it needs.');
  for (const role of needed.filter((role) => !held.has(role)))
    problems.push(`Our service account lacks the role ${role}: add it to its role group in iconik.`);
  problems.push(...(await fallbackProblem(iconik, call)));
  if (clockSkewMs !== undefined && Math.abs(clockSkewMs) > 60_000)
    problems.push(`iconik's clock and ours differ by ${Math.round(clockSkewMs / 1000)} s: mend ours.`);
  return {
    reachable: true,
    credentials: true,
    ...(clockSkewMs !== undefined && { clockSkewMs }),
    capabilities: {
      simplifiedAccessModel: migrated,
      ...Object.fromEntries(needed.map((role) => [role, held.has(role)])),
    },
    problems,
  };
}

async function fallbackProblem(iconik: Iconik, call: CallContext): Promise<string[]> {
  const { fallbackTeam } = iconik.config;
  try {
    if (await iconik.catalogs.findTeam(fallbackTeam, call)) return [];
    return [
      `The fallback team "${fallbackTeam}" does not exist in iconik, or not only once: without it nobody's last team can be taken away.`,
    ];
  } catch (error) {
    if (error instanceof SystemError && error.code === 'ICONIK_FORBIDDEN') return [];
    throw error;
  }
}

/** From the `Date` header, whole seconds. */
function skewOf(reply: HttpReply): number | undefined {
  const date = Date.parse(reply.headers['date'] ?? '');
  return Number.isNaN(date) ? undefined : date - Date.now();
}
