import type { Connection } from './connection.ts';
import type { LdapContext } from './context.ts';
import { isInside, parseDn } from './dn.ts';
import { uuidFrom } from './dialect.ts';
import { ldapError } from './errors.ts';
import { and, anything, atLeast, equals, not } from './filters.ts';
import type { Filter } from './filters.ts';

/** One way to tell what changed. Its watermarks are texts that begin with its name, and no other way takes them. */
export type Strategy = {
  name: 'entryCSN' | 'modifyTimestamp' | 'uSNChanged';
  read(): Promise<string>;
  /** Filter for what changed after a watermark; undefined where it says nothing here and now. */
  since(watermark: string, now: string): Filter | undefined;
};

/** The best way that the server offers, or the one that the configuration names (contracts/ldap.md 7.1). */
export async function strategyOf(connection: Connection, context: LdapContext): Promise<Strategy> {
  const { changes, kind } = context.config;
  if ((changes ?? (kind === 'activeDirectory' ? 'uSNChanged' : undefined)) === 'uSNChanged') return byUsn(connection);
  if (changes === 'modifyTimestamp') return byTimestamp(connection, context);
  const csn = byCsn(connection, context);
  if (changes === 'entryCSN' || (await csn.readable())) return csn;
  return byTimestamp(connection, context);
}

/** OpenLDAP with the syncprov overlay: the suffix says how far it is; the smallest of several servers' stamps counts, so that none is overtaken. */
function byCsn(connection: Connection, context: LdapContext): Strategy & { readable(): Promise<boolean> } {
  async function stamps(): Promise<string[]> {
    const bases = [...context.places.peopleBases, ...context.places.groupBases].map((base) => parseDn(base) ?? []);
    const about = 'its naming contexts';
    const root = await connection.entry({ base: '', filter: anything, attributes: ['namingContexts'], about });
    const ours = (root?.all('namingContexts') ?? []).filter((suffix) =>
      bases.some((base) => isInside(base, parseDn(suffix) ?? [])),
    );
    const found: string[] = [];
    for (const base of ours) {
      const suffix = await connection.entry({ base, filter: anything, attributes: ['contextCSN'], about });
      const csns = suffix?.all('contextCSN') ?? [];
      if (csns.length === 0) return [];
      found.push(...csns);
    }
    return found.sort();
  }
  return {
    name: 'entryCSN',
    readable: async () => (await stamps()).length > 0,
    async read() {
      const [smallest] = await stamps();
      if (smallest === undefined) throw ldapError('LDAP_FORBIDDEN', { about: 'contextCSN of the suffix' });
      return `entryCSN ${smallest}`;
    },
    since(watermark) {
      const [, csn] = /^entryCSN (\S+)$/.exec(watermark) ?? [];
      // Inclusive in LDAP; what carries the stamp itself was there when the stamp was read.
      return csn === undefined ? undefined : and(atLeast('entryCSN', csn), not(equals('entryCSN', csn)));
    },
  };
}

/** Any server: the newest stamp that is there (the server's clock, never ours), less an overlap. Tells some people twice, which is harmless. */
function byTimestamp(connection: Connection, context: LdapContext): Strategy {
  const { places, dialect, choices } = context;
  async function newest(bases: readonly string[], filter: Filter): Promise<string> {
    let last = '';
    for (const base of bases) {
      const search = { base, filter, attributes: ['modifyTimestamp'], about: 'the times of change' };
      for await (const page of connection.pages(search))
        for (const entry of page) last = [last, entry.first('modifyTimestamp') ?? ''].sort()[1] ?? last;
    }
    return last;
  }
  return {
    name: 'modifyTimestamp',
    async read() {
      const stamps = [
        await newest(places.peopleBases, dialect.people),
        await newest(places.groupBases, dialect.groups),
      ];
      return `modifyTimestamp ${stamps.sort()[1]}`;
    },
    since(watermark) {
      const [, year, month, day, hour, minute, second] =
        /^modifyTimestamp (\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:\.\d+)?Z$/.exec(watermark) ?? [];
      if (year === undefined) return undefined;
      const at = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`) - choices.timestampOverlapMs;
      const from = new Date(at).toISOString().replace(/[-:T]|\.\d+/g, '');
      return atLeast('modifyTimestamp', from);
    },
  };
}

/** Active Directory: numbers count per domain controller, so the watermark names it by its invocation id; another one starts anew. */
function byUsn(connection: Connection): Strategy {
  const parts = (watermark: string) => /^uSNChanged (?<controller>\S+) (?<usn>\d+)$/.exec(watermark)?.groups;
  return {
    name: 'uSNChanged',
    async read() {
      const about = 'its own numbers of change';
      const attributes = ['highestCommittedUSN', 'dsServiceName'];
      const root = await connection.entry({ base: '', filter: anything, attributes, about });
      const [usn, base] = [root?.first('highestCommittedUSN'), root?.first('dsServiceName')];
      if (usn === undefined || base === undefined) throw ldapError('LDAP_FORBIDDEN', { about });
      const service = await connection.entry({ base, filter: anything, attributes: ['invocationId'], about });
      const id = service?.bytes('invocationId');
      if (id?.length !== 16) throw ldapError('LDAP_FORBIDDEN', { about });
      return `uSNChanged ${uuidFrom(id)} ${usn}`;
    },
    since(watermark, now) {
      const [before, current] = [parts(watermark), parts(now)];
      if (before?.['usn'] === undefined || before['controller'] !== current?.['controller']) return undefined;
      // A number lower than before is a controller restored from a backup without a new id.
      if (Number(current?.['usn']) < Number(before['usn'])) return undefined;
      return atLeast('uSNChanged', String(Number(before['usn']) + 1));
    },
  };
}
