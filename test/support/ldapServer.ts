/** A real slapd with the company in it, in a folder of its own on free ports. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { daemonFolder, freePort, makeCertificate, removeDaemonFolder, startDaemon } from './daemons.ts';
import type { Certificate, Daemon, RunningDaemon } from './daemons.ts';
import { ADMIN, HIGHEST_USN, READER, seedLdif, SUFFIX, type LdapKind } from './ldapSeed.ts';

export type LdapServer = {
  plainPort: number;
  tlsPort: number;
  /** PEM of its certificate, its own authority. */
  ca: string;
  /** Seed state, the same ports. */
  reset(): Promise<void>;
  stop(): Promise<void>;
  start(): Promise<void>;
  /** To the process: SIGSTOP makes a server that accepts and never answers. */
  signal(name: NodeJS.Signals): void;
  close(): Promise<void>;
};

/** Dates of a person, which the standard schemas lack. */
const OWN_SCHEMA = `
objectidentifier NW 1.3.6.1.4.1.32473.1
attributetype ( NW:1 NAME 'nwStart' EQUALITY caseIgnoreMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 SINGLE-VALUE )
attributetype ( NW:2 NAME 'nwEnd' EQUALITY caseIgnoreMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 SINGLE-VALUE )
`;

/**
 * What Active Directory has: Microsoft's schema as OpenLDAP brings it, with the matching rules that real servers have, and the two attributes of the
 * root that the file leaves out.
 */
const AD_SCHEMA = `
attributetype ( NW:10 NAME 'highestCommittedUSN' EQUALITY integerMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.27 SINGLE-VALUE )
attributetype ( NW:11 NAME 'dsServiceName' EQUALITY distinguishedNameMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.12 SINGLE-VALUE )
objectclass ( NW:21 NAME 'nwNtdsSettings' SUP top STRUCTURAL MUST cn MAY invocationId )
`;
const RULES: Record<string, string> = {
  objectGUID: 'EQUALITY octetStringMatch',
  invocationId: 'EQUALITY octetStringMatch',
  uSNChanged: 'EQUALITY integerMatch ORDERING integerOrderingMatch',
  userAccountControl: 'EQUALITY integerMatch',
  accountExpires: 'EQUALITY integerMatch',
  sAMAccountName: 'EQUALITY caseIgnoreMatch',
};

function schemaOf(slapd: Daemon, kind: LdapKind): string {
  const person = (more: string): string =>
    `objectclass ( NW:20 NAME 'northwindPerson' SUP top AUXILIARY MAY ( nwStart $ nwEnd ${more}) )\n`;
  if (kind === 'openldap') return `${OWN_SCHEMA}${person('')}`;
  let text = readFileSync(`${slapd.root}/etc/ldap/schema/msuser.schema`, 'utf8');
  for (const [name, rules] of Object.entries(RULES)) text = text.replace(`NAME '${name}'`, `NAME '${name}' ${rules}`);
  // In AD a user has these by classes that the file lacks.
  const more =
    '$ sAMAccountName $ department $ displayName $ givenName $ employeeType $ st $ title $ preferredLanguage $ manager $ mail $ ou ';
  return `${text}\n${OWN_SCHEMA}${AD_SCHEMA}${person(more)}`;
}

function configOf(slapd: Daemon, kind: LdapKind, folder: string, { cert, key }: Certificate): string {
  const schema = (name: string): string => `include ${slapd.root}/etc/ldap/schema/${name}.schema`;
  return [
    ...['core', 'cosine', 'inetorgperson', 'nis'].map(schema),
    `include ${folder}/own.schema`,
    `modulepath ${slapd.root}/usr/lib/ldap`,
    ...['back_mdb', 'syncprov', 'ppolicy'].map((name) => `moduleload ${name}`),
    `TLSCertificateFile ${cert}`,
    `TLSCertificateKeyFile ${key}`,
    ...(kind === 'activeDirectory' ? [`rootDSE ${folder}/root.ldif`] : []),
    'sizelimit 20',
    'database mdb',
    `suffix "${SUFFIX}"`,
    `rootdn "${ADMIN.dn}"`,
    `rootpw ${ADMIN.password}`,
    `directory ${folder}/db`,
    'maxsize 104857600',
    'dbnosync',
    'index objectClass,entryCSN,entryUUID,member,uid eq',
    `limits dn.exact="${READER.dn}" size=unlimited time=unlimited`,
    // Nobody in particular sees the partners: what is left after a bind is lost is not nothing.
    'access to attrs=userPassword by anonymous auth by * none',
    `access to dn.subtree="ou=partners,${SUFFIX}" by * read`,
    `access to * by dn.exact="${READER.dn}" read by users read by * search`,
    'overlay syncprov',
    'overlay ppolicy',
    '',
  ].join('\n');
}

/** Throws with slapd's words where it cannot be filled or does not serve. */
export async function startLdapServer(slapd: Daemon, kind: LdapKind = 'openldap'): Promise<LdapServer> {
  const folder = daemonFolder('slapd');
  const certificate = makeCertificate(slapd, folder);
  const [plainPort, tlsPort] = [await freePort(), await freePort()];
  const file = join(folder, 'slapd.conf');
  writeFileSync(file, configOf(slapd, kind, folder, certificate));
  writeFileSync(join(folder, 'own.schema'), schemaOf(slapd, kind));
  const root = { highestCommittedUSN: HIGHEST_USN, dsServiceName: `cn=NTDS Settings,${SUFFIX}` };
  writeFileSync(
    join(folder, 'root.ldif'),
    `dn:\n${Object.entries(root)
      .map(([name, value]) => `${name}: ${value}\n`)
      .join('')}`,
  );
  let running: RunningDaemon | undefined;

  function fill(): void {
    rmSync(join(folder, 'db'), { recursive: true, force: true });
    mkdirSync(join(folder, 'db'));
    const args = ['-q', '-f', file, '-b', SUFFIX];
    const filled = spawnSync(slapd.program, args, { argv0: 'slapadd', env: slapd.env, input: seedLdif(kind) });
    if (filled.status !== 0) throw new Error(`slapadd: ${filled.stderr.toString()}`);
  }
  const start = async (): Promise<void> => {
    const listen = `ldap://127.0.0.1:${plainPort} ldaps://127.0.0.1:${tlsPort}`;
    const args = ['-d', '0', '-f', file, '-h', listen];
    running = await startDaemon(slapd, { args, ports: [plainPort, tlsPort], folder });
  };
  const stop = async (): Promise<void> => {
    await running?.stop();
    running = undefined;
  };
  try {
    fill();
    await start();
  } catch (error) {
    removeDaemonFolder(folder);
    throw error;
  }
  return {
    plainPort,
    tlsPort,
    ca: readFileSync(certificate.cert, 'utf8'),
    start,
    stop,
    async reset() {
      await stop();
      fill();
      await start();
    },
    signal: (name) => void (running && process.kill(running.pid, name)),
    async close() {
      await stop();
      removeDaemonFolder(folder);
    },
  };
}
