import { SystemError } from '../errors.ts';
import type { CallContext, ProbeResult } from '../port.ts';
import type { Connection } from './connection.ts';
import type { LdapContext } from './context.ts';
import { ldapError, toSystemError } from './errors.ts';
import { anything } from './filters.ts';
import { eachGroup } from './groups.ts';
import { keyAttributes } from './person.ts';
import type { Sessions } from './session.ts';
import { strategyOf } from './watermark.ts';

const PAGED_RESULTS = '1.2.840.113556.1.4.319';
const ROOT = ['supportedControl', 'vendorVersion', 'vendorName', 'currentTime', 'dnsHostName'];

/** Nobody answered, or not under TLS as it should be. */
const NOBODY = new Set(['LDAP_UNREACHABLE', 'LDAP_TIMEOUT', 'LDAP_RESET', 'LDAP_TLS', 'LDAP_ABORTED']);

/** Looks at the server without changing anything: TLS, bind, bases, paging, how changes are found. Never throws for a server that is down. */
export function createProbe(
  sessions: Sessions,
  context: LdapContext,
  now: () => number,
): (call: CallContext) => Promise<ProbeResult> {
  const plain = !context.config.url.startsWith('ldaps:') && !context.config.startTls;
  return async ({ signal }) => {
    const problems = plain
      ? [
          'The connection to the LDAP server is not encrypted: passwords and people travel readable. Use ldaps:// or startTls.',
        ]
      : [];
    try {
      return await sessions.with(signal, (connection) => looked(connection, context, now, plain, problems));
    } catch (error) {
      const { code, message } = toSystemError(error, 'itself');
      problems.push(message);
      return { reachable: !NOBODY.has(code), credentials: false, capabilities: {}, problems };
    }
  };
}

async function looked(
  connection: Connection,
  context: LdapContext,
  now: () => number,
  plain: boolean,
  problems: string[],
): Promise<ProbeResult> {
  const attempt = async <T>(work: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof SystemError)) throw error;
      problems.push(error.message);
      return undefined;
    }
  };
  const root = await connection.entry({ base: '', filter: anything, attributes: ROOT, about: 'itself' });
  const paging = root?.all('supportedControl').includes(PAGED_RESULTS) ?? false;
  if (!paging) problems.push('The LDAP server gives no pages (RFC 2696): large directories cannot be read.');
  for (const { name, base } of context.config.partitions) await attempt(() => baseThere(connection, name, base));
  await attempt(() => peopleReadable(connection, context));
  await attempt(() => groupsUnique(connection, context, problems));
  const strategy = await attempt(async () => {
    const found = await strategyOf(connection, context);
    await found.read();
    return found.name;
  });
  const version = [root?.first('vendorName'), root?.first('vendorVersion')]
    .filter((text) => text !== undefined)
    .join(' ');
  return {
    reachable: true,
    credentials: true,
    ...(version !== '' && { version }),
    ...clock(root?.first('currentTime'), now, context, problems),
    capabilities: {
      encrypted: !plain,
      paging,
      whoami: (await connection.whoami()) !== undefined,
      ...(strategy && { [`changesBy ${strategy}`]: true }),
    },
    problems,
  };
}

async function baseThere(connection: Connection, name: string, base: string): Promise<void> {
  const about = `base of partition ${name}`;
  const found = await connection.entry({ base, filter: anything, attributes: ['1.1'], about });
  if (!found) throw ldapError('LDAP_NO_BASE', { about });
}

/** One person of each base is enough to see that ids and logins are shown. */
async function peopleReadable(connection: Connection, context: LdapContext): Promise<void> {
  const { dialect, places } = context;
  for (const base of places.peopleBases) {
    const search = { base, filter: dialect.people, attributes: keyAttributes(context), about: 'the people' };
    for await (const [first] of connection.pages(search)) {
      if (first) dialect.uuidOf(first);
      break;
    }
  }
}

/** A group is named by name and partition: two of one name would be one for every rule. */
async function groupsUnique(connection: Connection, context: LdapContext, problems: string[]): Promise<void> {
  const seen = new Set<string>();
  for await (const { name } of eachGroup(connection, context, [])) {
    if (seen.has(name)) problems.push(`The directory has several groups ${name}: rules cannot tell them apart.`);
    seen.add(name);
  }
}

/** Only Active Directory tells its time. */
function clock(
  text: string | undefined,
  now: () => number,
  { choices }: LdapContext,
  problems: string[],
): { clockSkewMs?: number } {
  const parts = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)/.exec(text ?? '');
  if (!parts) return {};
  const [, year, month, day, hour, minute, second] = parts;
  const clockSkewMs = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`) - now();
  if (Math.abs(clockSkewMs) > choices.clockSkewMs)
    problems.push(
      `The clocks of the LDAP server and of this machine differ by ${Math.round(Math.abs(clockSkewMs) / 1000)} s. Synchronise them.`,
    );
  return { clockSkewMs };
}
