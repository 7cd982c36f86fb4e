import { SystemError } from '../errors.ts';
import type { CallContext, ProbeResult } from '../port.ts';
import type { Exstream } from './context.ts';
import { groupRoleDrift } from './drift.ts';
import { viaOtds } from './errors.ts';
import { groupByKey } from '../otds/locate.ts';

const CREDENTIALS = ['EXSTREAM_LOGIN_REFUSED', 'EXSTREAM_CREDENTIALS'];

/** Looks at Exstream and the OTDS behind it without changing anything. Never throws for a system that is down. */
export async function probe(ex: Exstream, call: CallContext): Promise<ProbeResult> {
  const problems: string[] = [];
  const capabilities: Record<string, boolean> = {};
  const look = async <T>(work: Promise<T>, capability?: string): Promise<T | undefined> => {
    try {
      const value = await work;
      if (capability !== undefined) capabilities[capability] = true;
      return value;
    } catch (error) {
      if (!(error instanceof SystemError)) throw error;
      if (capability !== undefined) capabilities[capability] = false;
      problems.push(error.message);
      return undefined;
    }
  };

  let version: string | undefined;
  try {
    version = await ex.design.version(call);
  } catch (error) {
    if (!(error instanceof SystemError)) throw error;
    const reachable = CREDENTIALS.includes(error.code);
    return { reachable, credentials: false, capabilities, problems: [error.message] };
  }
  const admin = await look(ex.design.isTenantAdmin(call), 'currentUser');
  if (admin !== undefined) capabilities['tenantAdministrator'] = admin;
  if (admin === false && ex.config.manageGroupRoles)
    problems.push(
      'The OAuth client is no tenant administrator: it cannot give groups their roles in domains without a client of their own.',
    );
  await look(domains(ex, problems, call), 'domains');
  await look(roles(ex, problems, call), 'roles');
  const drift = await look(groupRoleDrift(ex, call), 'groupRoles');
  if (drift) problems.push(...drift.missing, ...drift.foreign, ...drift.changed);
  await look(permissions(ex, capabilities, call));
  await look(viaOtds(inOtds(ex, problems, call)), 'otds');
  problems.push(...lifeProblems(ex));
  return { reachable: true, credentials: true, ...(version !== undefined && { version }), capabilities, problems };
}

/** Each domain is there, and its own client, where it has one, is let in. */
async function domains(ex: Exstream, problems: string[], call: CallContext): Promise<void> {
  const there = await ex.design.domains(call);
  for (const domain of Object.keys(ex.config.domains))
    if (!there.includes(domain)) problems.push(`Exstream has no domain ${domain}. Correct domains of the block.`);
}

async function roles(ex: Exstream, problems: string[], call: CallContext): Promise<void> {
  for (const name of new Set(ex.carriers.all.map(({ role }) => role)))
    if (!(await ex.design.role(name, call))) problems.push(`Exstream has no role ${name}. Correct roles of the block.`);
}

async function permissions(ex: Exstream, capabilities: Record<string, boolean>, call: CallContext): Promise<void> {
  const [first] = ex.carriers.all;
  if (!first) return;
  const { domain, group } = first;
  const shown = await ex.designIn(domain).effectivePermissions(domain, group, call);
  capabilities['effectivePermissions'] = shown !== undefined;
}

async function inOtds(
  { otds, carriers, config }: Exstream,
  problems: string[],
  { signal }: CallContext,
): Promise<void> {
  if (!(await otds.client.accessRole(config.accessRole, signal)))
    problems.push(`OTDS has no access role ${config.accessRole}. Correct accessRole of the block.`);
  for (const { group, key } of carriers.all)
    if (!(await groupByKey(otds.client, group, signal)))
      problems.push(`OTDS has no group ${group}, which is to carry ${key}. Create it there.`);
}

function lifeProblems({ design, config }: Exstream): string[] {
  const life = design.session.lifeSeconds ?? 0;
  if (life <= config.tokenLifeSeconds) return [];
  return [
    `Tokens live ${life} s, longer than tokenLifeSeconds says (${config.tokenLifeSeconds}): what a proof says of rights taken away is too hopeful. Correct one of them.`,
  ];
}
