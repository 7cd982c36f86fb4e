/** slapd, a wire in front of it, clients of ours on it, and edits past our client. */
import { Attribute, Change, Client } from 'ldapts';
import { createLdap, type LdapDeps } from '../../src/systems/ldap/ldap.ts';
import { block, type LdapConfig } from '../../src/systems/ldap/config.ts';
import type { Directory } from '../../src/systems/port.ts';
import type { Daemon } from './daemons.ts';
import { startLdapProxy, type LdapProxy } from './ldapProxy.ts';
import {
  ADMIN,
  groupDn,
  groupsBase,
  groupValues,
  LIMITED,
  PARTITIONS,
  peopleBase,
  personDn,
  personValues,
  READER,
  type LdapKind,
  type Values,
} from './ldapSeed.ts';
import { startLdapServer, type LdapServer } from './ldapServer.ts';

export type LdapBench = {
  readonly directory: Directory;
  kind: LdapKind;
  server: LdapServer;
  proxy: LdapProxy;
  config: LdapConfig;
  client(config?: Partial<LdapConfig>, deps?: Partial<LdapDeps>): Directory;
  hire(who: string, more?: Values): Promise<void>;
  /** Undefined values take the attribute away. */
  set(dn: string, values: Record<string, string | readonly string[] | undefined>): Promise<void>;
  group(name: string, members?: readonly string[]): Promise<void>;
  join(group: string, dn: string): Promise<void>;
  leave(group: string, dn: string): Promise<void>;
  move(dn: string, to: string): Promise<void>;
  remove(dn: string): Promise<void>;
  reset(): Promise<void>;
  close(): Promise<void>;
};

/** Password of the reader, by `env:LDAP_PASSWORD`; of another by `env:OTHER`. */
export const SECRETS: Readonly<Record<string, string>> = {
  'env:LDAP_PASSWORD': READER.password,
  'env:OTHER': LIMITED.password,
  'env:WRONG': 'Wrong-S3cret!',
};

export async function startLdapBench(slapd: Daemon, kind: LdapKind = 'openldap'): Promise<LdapBench> {
  const server = await startLdapServer(slapd, kind);
  const proxy = await startLdapProxy(server.tlsPort);
  const endAt = kind === 'openldap' ? { endAt: 'nwEnd' } : {};
  const config = block.parse({
    url: `ldaps://127.0.0.1:${proxy.port}`,
    kind,
    ca: 'env:LDAP_CA',
    user: READER.dn,
    password: 'env:LDAP_PASSWORD',
    partitions: PARTITIONS.map((name) => ({ name, base: peopleBase(name), groups: groupsBase(name) })),
    attributes: { startAt: 'nwStart', ...endAt },
    limits: { requestMs: 10_000, perSecond: 5000, concurrent: 4 },
  });
  const secret = (ref: string): string => (ref === 'env:LDAP_CA' ? server.ca : (SECRETS[ref] ?? ''));
  const client: LdapBench['client'] = (changed = {}, deps = {}) =>
    createLdap({ ...config, ...changed }, { secret, ...deps });
  let edited = false;
  const admin = async (work: (connection: Client) => Promise<void>): Promise<void> => {
    edited = true;
    const connection = new Client({ url: `ldap://127.0.0.1:${server.plainPort}`, timeout: 10_000 });
    try {
      await connection.bind(ADMIN.dn, ADMIN.password);
      await work(connection);
    } finally {
      await connection.unbind();
    }
  };
  let usn = 6000;
  /** Active Directory counts; slapd has its own stamps. */
  const stamp = (): Change[] => (kind === 'openldap' ? [] : [replace('uSNChanged', [String((usn += 1))])]);
  const add = (dn: string, values: Values) => admin((c) => c.add(dn, attributesOf(values)));
  let current = client();
  return {
    get directory() {
      return current;
    },
    kind,
    server,
    proxy,
    config,
    client,
    hire: (who, more = {}) => add(personDn(kind, who), { ...newcomer(kind, who), ...more }),
    set: (dn, values) =>
      admin((c) =>
        c.modify(dn, [
          ...Object.entries(values).map(([name, value]) =>
            replace(name, value === undefined ? [] : typeof value === 'string' ? [value] : [...value]),
          ),
          ...stamp(),
        ]),
      ),
    group: (name, members = []) => add(groupDn(name), groupValues(kind, name, members)),
    join: (group, dn) => admin((c) => c.modify(groupDn(group), [change('add', 'member', [dn]), ...stamp()])),
    leave: (group, dn) => admin((c) => c.modify(groupDn(group), [change('delete', 'member', [dn]), ...stamp()])),
    move: (dn, to) => admin((c) => c.modifyDN(dn, to)),
    remove: (dn) => admin((c) => c.del(dn)),
    async reset() {
      proxy.heal();
      if (edited) await server.reset();
      edited = false;
      current = client();
    },
    async close() {
      await proxy.close();
      await server.close();
    },
  };
}

function newcomer(kind: LdapKind, who: string): Values {
  const at = who.lastIndexOf('@');
  const [login, partition] = [who.slice(0, at), who.slice(at + 1)];
  const base = { given: 'New', family: 'Comer', displayName: 'New Comer', mail: 'new@northwind.example', title: 'New' };
  return personValues(kind, {
    ...base,
    login,
    partition: partition as 'staff',
    department: 'Marketing',
    type: 'employee',
    region: 'EMEA',
    unit: '',
    start: '2026-01-01',
    end: null,
    manager: null,
    language: 'en',
    disabled: false,
  });
}

const change = (operation: 'add' | 'delete' | 'replace', type: string, values: string[]): Change =>
  new Change({ operation, modification: new Attribute({ type, values }) });
const replace = (type: string, values: string[]): Change => change('replace', type, values);

const attributesOf = (values: Values): Attribute[] =>
  Object.entries(values).map(
    ([type, value]) =>
      new Attribute({
        type,
        values: typeof value === 'string' ? [value] : Buffer.isBuffer(value) ? [value] : [...value],
      }),
  );
