import { SystemError } from '../errors.ts';
import type { HttpReply } from '../http.ts';
import type { CallContext, ProbeResult } from '../port.ts';
import { keysWithoutOwner } from './accessKeys.ts';
import type { Cloudinary } from './context.ts';
import { shapedAs } from './plane.ts';
import { environmentsReply, foldersReply } from './replies.ts';

/** Reachable, both planes' credentials, permission system, environments, keys without owner, clock. Says what is wrong instead of throwing. */
export async function probe(cloudinary: Cloudinary, call: CallContext): Promise<ProbeResult> {
  const { client } = cloudinary;
  const down: ProbeResult = { reachable: false, credentials: false, capabilities: {}, problems: [] };
  try {
    const reply = await client.account.raw(client.v1('/sub_accounts'), call);
    if (reply.status !== 200 || reply.garbled) {
      const problem = `Cloudinary answers ${reply.status} when asked for the account's environments: check systems.cloudinary.url and accountId.`;
      return { ...down, reachable: !reply.garbled && reply.status < 500, problems: [problem] };
    }
    const clouds = shapedAs(reply.json(), environmentsReply).sub_accounts.map((one) => one.cloud_name);
    return await probeAccount(cloudinary, clouds, skewOf(reply), call);
  } catch (error) {
    if (!(error instanceof SystemError)) throw error;
    return { ...down, reachable: error.status !== undefined, problems: [error.message] };
  }
}

async function probeAccount(
  cloudinary: Cloudinary,
  clouds: readonly string[],
  clockSkewMs: number | undefined,
  call: CallContext,
): Promise<ProbeResult> {
  const { client, config, catalog } = cloudinary;
  const problems: string[] = [];
  const rolesInForce = (await catalog.roles(call)) !== undefined;
  if (!rolesInForce)
    problems.push(
      'This account has the legacy permissions, or no Permissions API: Tenure reads users, groups and environments and writes nothing until Cloudinary has moved it to Roles and Permissions.',
    );
  if (!clouds.includes(config.fallbackEnvironment))
    problems.push(
      `The fallback environment "${config.fallbackEnvironment}" does not exist in Cloudinary: without it nobody can be invited, nor kept out of every environment.`,
    );
  const readable: Record<string, boolean> = {};
  for (const cloud of client.clouds) {
    const problem = clouds.includes(cloud)
      ? await environmentProblem(cloudinary, cloud, call)
      : `There is no product environment "${cloud}" in this account: correct systems.cloudinary.environments.`;
    readable[`folders of ${cloud}`] = problem === undefined;
    if (problem !== undefined) problems.push(problem);
  }
  const nobodys = await keysWithoutOwner(cloudinary, call);
  if (nobodys.length > 0)
    problems.push(
      `Nobody is registered as owner of ${nobodys.length === 1 ? 'this access key' : 'these access keys'}, so no leaver closes it: ${nobodys.join(', ')}. Add it to systems.cloudinary.keyOwners.`,
    );
  if (clockSkewMs !== undefined && Math.abs(clockSkewMs) > 60_000)
    problems.push(`Cloudinary's clock and ours differ by ${Math.round(clockSkewMs / 1000)} s: mend ours.`);
  return {
    reachable: true,
    credentials: true,
    ...(clockSkewMs !== undefined && { clockSkewMs }),
    capabilities: { rolesAndPermissions: rolesInForce, writes: rolesInForce, ...readable },
    problems,
  };
}

async function environmentProblem(
  { client }: Cloudinary,
  cloud: string,
  call: CallContext,
): Promise<string | undefined> {
  const at = `/v1_1/${encodeURIComponent(cloud)}/folders/search`;
  try {
    const request = { method: 'POST' as const, at, json: { max_results: 1 } };
    const page = await client.environment(cloud)?.ask(request, foldersReply, call);
    return page?.folders.length
      ? undefined
      : `Our key shows no folder of ${cloud}: grant it the folders in Cloudinary.`;
  } catch (error) {
    if (!(error instanceof SystemError)) throw error;
    return `Folders of ${cloud}: ${error.message}`;
  }
}

/** From the `Date` header, whole seconds. */
function skewOf(reply: HttpReply): number | undefined {
  const date = Date.parse(reply.headers['date'] ?? '');
  return Number.isNaN(date) ? undefined : date - Date.now();
}
