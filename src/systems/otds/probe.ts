import { SystemError } from '../errors.ts';
import type { Http } from '../http.ts';
import type { CallContext, ProbeResult } from '../port.ts';
import { TransportError } from '../transport.ts';
import type { OtdsClient } from './client.ts';
import { transportError } from './errors.ts';
import { openApi } from './shapes.ts';

export type Probe = (call: CallContext) => Promise<ProbeResult>;

/** Paths of `openapi.json`, whatever their parameters are called, that Tenure prefers or needs. */
const CAPABILITIES = {
  patchUser: ['patch', '/users/{}'],
  putUser: ['put', '/users/{}'],
  groupMembers: ['get', '/groups/{}/members'],
  groupParents: ['get', '/groups/{}/memberof'],
  groupDeletionSet: ['post', '/groups/{}/members/deletionset'],
  userDeletionSet: ['post', '/users/{}/memberof/deletionset'],
  accessRoles: ['get', '/accessroles'],
  accessRolePut: ['put', '/accessroles/{}'],
  roleDeletionSet: ['post', '/roles/{}/members/deletionset'],
} as const;

type Specification = {
  version?: string;
  capabilities: Record<string, boolean>;
  clockSkewMs?: number;
  problem?: string;
};

/** Looks at OTDS without changing anything: specification, login, rights, partitions, clock. Never throws for a system that is down. */
export function createProbe(client: OtdsClient, http: Http, now: () => number): Probe {
  return async ({ signal }) => {
    const found = await specification(http, now, signal);
    if (typeof found === 'string') return { reachable: false, credentials: false, capabilities: {}, problems: [found] };
    const { problem, ...spec } = found;
    const problems = problem === undefined ? [] : [problem];
    const skew = Math.abs(found.clockSkewMs ?? 0);
    if (skew > client.choices.clockSkewMs) {
      problems.push(`The clocks of OTDS and of this machine differ by ${Math.round(skew / 1000)} s. Synchronise them.`);
    }
    const { credentials, ...rights } = await login(client, problems, signal);
    const there = credentials ? await partitions(client, problems, signal) : {};
    const capabilities = { ...rights, ...there, ...spec.capabilities };
    return { ...spec, reachable: true, credentials, capabilities, problems };
  };
}

/** The specification needs no login; a sentence where nobody answers. */
async function specification(http: Http, now: () => number, signal: AbortSignal): Promise<Specification | string> {
  try {
    const reply = await http.request({ method: 'GET', path: '/rest/openapi.json', idempotent: true, signal });
    const date = Date.parse(reply.headers['date'] ?? '');
    const clock = Number.isNaN(date) ? {} : { clockSkewMs: date - now() };
    const spec = reply.status === 200 && !reply.garbled ? openApi.safeParse(reply.json()) : undefined;
    if (reply.garbled)
      return 'Something answers at the address of OTDS, but it is not OTDS. Check the address (it ends in /otdsws) and any proxy.';
    if (!spec?.success) {
      return {
        ...clock,
        capabilities: {},
        problem: 'OTDS publishes no openapi.json: what it can do shows only when it is asked to.',
      };
    }
    const version = spec.data.info?.version;
    return { ...clock, ...(version ? { version } : {}), capabilities: capabilitiesOf(spec.data.paths) };
  } catch (error) {
    if (error instanceof TransportError) return transportError(error, 'its specification').message;
    throw error;
  }
}

function capabilitiesOf(paths: Readonly<Record<string, unknown>>): Record<string, boolean> {
  const served = new Set<string>();
  for (const [path, methods] of Object.entries(paths)) {
    if (typeof methods !== 'object' || methods === null) continue;
    const plain = path
      .replace(/^.*\/rest(?=\/)/, '')
      .replace(/\{[^}]*\}/g, '{}')
      .replace(/\/$/, '');
    for (const method of Object.keys(methods)) served.add(`${method.toLowerCase()} ${plain}`);
  }
  return Object.fromEntries(
    Object.entries(CAPABILITIES).map(([name, [method, path]]) => [name, served.has(`${method} ${path}`)]),
  );
}

/** Whether the login counts, and whether it administers OTDS; left out where that cannot be told. */
async function login(
  client: OtdsClient,
  problems: string[],
  signal: AbortSignal,
): Promise<{ credentials: boolean; administrator?: boolean }> {
  try {
    const administrator = await client.isAdmin(signal);
    if (!administrator) {
      problems.push(
        'The user or client that Tenure logs in with is no administrator: changes will be refused unless it administers the partitions.',
      );
    }
    return { credentials: true, administrator };
  } catch (error) {
    if (!(error instanceof SystemError)) throw error;
    problems.push(error.message);
    return { credentials: error.code !== 'OTDS_LOGIN_REFUSED' && error.code !== 'OTDS_CREDENTIAL_REFUSED' };
  }
}

/** `partition <name>` → whether it is there and shown to us. */
async function partitions(
  client: OtdsClient,
  problems: string[],
  signal: AbortSignal,
): Promise<Record<string, boolean>> {
  const seen: Record<string, boolean> = {};
  for (const name of client.config.partitions) {
    const capability = `partition ${name}`;
    seen[capability] = false;
    try {
      seen[capability] = await client.hasPartition(name, signal);
      if (!seen[capability]) problems.push(`OTDS has no partition ${name}. Correct the configuration.`);
    } catch (error) {
      if (!(error instanceof SystemError)) throw error;
      problems.push(`Partition ${name} could not be looked at: ${error.message}`);
    }
  }
  return seen;
}
