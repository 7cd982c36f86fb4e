/** The partners' file server of a local system: a real proftpd with explicit TLS, one user, and a folder with two partners' access lists. */
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { runAs } from '../ledger/embeddedBinaries.ts';
import { whenReady } from './child.ts';
import { daemonTool, type Daemon, type FoundDaemon } from './daemons/find.ts';
import { provideDaemon } from './daemons/provide.ts';
import type { LocalJson } from './files.ts';
import { PARTNER_LISTS } from './ftpLists.ts';
import { proftpdConf } from './proftpdConf.ts';
import type { Program } from './parts.ts';
import type { FtpPorts } from './ports.ts';

const USER = 'tenure';

const at = (folder: string) => ({
  lists: join(folder, 'lists'),
  certificate: join(folder, 'ca.pem'),
  key: join(folder, 'key.pem'),
  passwords: join(folder, 'passwd'),
  configuration: join(folder, 'proftpd.conf'),
});

/** What `local.json` says of it. */
export function ftpEntry(ports: FtpPorts, folder: string, password: string): NonNullable<LocalJson['ftp']> {
  const { certificate: ca, lists } = at(folder);
  return { host: `127.0.0.1:${ports.control}`, user: USER, password, ca, folder: lists };
}

/** Finds proftpd, or unpacks it. It needs openssl too, for the certificate and the kept form of the password, and a user with a name. */
export function provideProftpd(say: (line: string) => void): FoundDaemon {
  const found = provideDaemon('proftpd', say);
  if ('missing' in found) return found;
  const tried = spawnSync(daemonTool(found, 'openssl'), ['version'], { env: { ...found.env }, stdio: 'ignore' });
  if (tried.status !== 0)
    return { missing: 'There is a proftpd on this machine, but no openssl: install it and start again.' };
  if (userOf() === undefined)
    return { missing: 'proftpd runs for users with a name only, and this one has none: add it to /etc/passwd.' };
  return found;
}

export type FtpOptions = { proftpd: Daemon; ports: FtpPorts; folder: string; password: string };

/** Writes what it needs (certificate and lists at the first start only) and answers how it is started. */
export function ftpProgram(options: FtpOptions): Program {
  const { proftpd, ports, folder } = options;
  const files = at(folder);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (!existsSync(files.certificate)) makeCertificate(proftpd, files);
  if (!existsSync(files.lists)) seedLists(files.lists);
  const as = userOf();
  if (as === undefined) throw new Error('The user that is to run the FTP server has no name.');
  writeFileSync(files.passwords, `${USER}:${hashed(options)}:${as.uid}:${as.gid}::${files.lists}:/bin/false\n`);
  chmodSync(files.passwords, 0o600);
  writeFileSync(files.configuration, proftpdConf({ proftpd, ports, folder, as, ...files }));
  return {
    title: 'FTP server',
    command: proftpd.program,
    args: ['--nodaemon', '--config', files.configuration],
    env: proftpd.env,
    wrap: as.wrap,
    ready: async (child) => {
      await whenReady(child, () => greets(ports.control), 15_000);
      return {};
    },
  };
}

/** Who a server is in its own eyes, and how it is started so. */
type User = { name: string; group: string; uid: number; gid: number; wrap: NonNullable<Program['wrap']> };

/**
 * proftpd wants no root: root starts it as `nobody` in a user namespace, where files stay root's; where namespaces are forbidden it runs as root, on the
 * loopback alone. Undefined: the user has no name, and proftpd knows none by number.
 */
function userOf(): User | undefined {
  const { wrap, uid: fallback } = runAs();
  const namespace = process.getuid?.() === 0 && fallback === undefined;
  const who = namespace ? ['nobody'] : [];
  const [name, group, uid, gid] = ['-un', '-gn', '-u', '-g'].map((what) => {
    const asked = spawnSync('id', [what, ...who], { encoding: 'utf8' });
    return asked.status === 0 ? asked.stdout.trim() : '';
  });
  if (!name || !group) return undefined;
  const asWeAre: User['wrap'] = (command, args) => [command, [...args]];
  return { name, group, uid: Number(uid), gid: Number(gid), wrap: fallback === undefined ? wrap : asWeAre };
}

/** Self-signed, so that it is its own authority. Made aside: half a pair is none. */
function makeCertificate(proftpd: Daemon, { certificate, key }: { certificate: string; key: string }): void {
  const kind = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '3650'];
  const subject = ['-subj', '/CN=Tenure local system', '-addext', 'subjectAltName=IP:127.0.0.1,DNS:localhost'];
  const fresh = `${certificate}.new`;
  execFileSync(daemonTool(proftpd, 'openssl'), ['req', ...kind, ...subject, '-keyout', key, '-out', fresh], {
    env: { ...proftpd.env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  renameSync(fresh, certificate);
}

function seedLists(folder: string): void {
  const fresh = `${folder}.new`;
  mkdirSync(fresh, { recursive: true, mode: 0o700 });
  for (const [name, text] of Object.entries(PARTNER_LISTS)) writeFileSync(join(fresh, name), text, { mode: 0o600 });
  renameSync(fresh, folder);
}

/** The password in the form that is kept; given on standard input, where no process table shows it. */
function hashed({ proftpd, password }: FtpOptions): string {
  return execFileSync(daemonTool(proftpd, 'openssl'), ['passwd', '-6', '-stdin'], {
    env: { ...proftpd.env },
    input: password,
    encoding: 'utf8',
  }).trim();
}

/** True when it says 220, as a server does that takes log-ins. */
function greets(port: number): Promise<true | undefined> {
  return new Promise((done) => {
    const socket = connect(port, '127.0.0.1');
    const end = (answer: true | undefined): void => {
      socket.destroy();
      done(answer);
    };
    socket.setTimeout(1_000, () => end(undefined));
    socket.once('data', (data: Buffer) => end(data.toString('latin1').startsWith('220') ? true : undefined));
    socket.once('error', () => end(undefined));
  });
}
