/** Real file servers for tests: proftpd (FTP, FTPS explicit and implicit, SFTP by mod_sftp) and OpenSSH's sshd. */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { types } from 'node:util';
import {
  daemonFolder,
  daemonTool,
  daemonUser,
  freePort,
  makeCertificate,
  removeDaemonFolder,
  startDaemon,
  type Daemon,
  type RunningDaemon,
} from './daemons.ts';

// Under Jest `Error` is not the one of Node's own network errors, which basic-ftp tells by `instanceof`; without this it would wait for ever.
Object.defineProperty(Error, Symbol.hasInstance, {
  configurable: true,
  value(this: unknown, it: unknown): boolean {
    return (this === Error && types.isNativeError(it)) || Function.prototype[Symbol.hasInstance].call(this, it);
  },
});

export const USER = 'feed';
export const PASSWORD = 'pass-of-the-feed';

/** A name that its certificate does not have. */
export const WRONG_NAME = 'localhost';

export type FtpServer = {
  /** By protocol; `ftp` takes explicit TLS too. */
  ports: { ftp: number; implicit: number; sftp: number };
  /** Absolute path of the folder of the user's files, here and for the client: there is no chroot. */
  home: string;
  /** PEM file of the certificate, which is its own authority: for 127.0.0.1. */
  ca: string;
  /** PEM file of another authority. */
  otherCa: string;
  /** `SHA256:…` */
  hostKey: string;
  daemon: RunningDaemon;
  /** Kills every session that runs now, as a crash would; answers how many. */
  killSessions: () => number;
  close: () => Promise<void>;
};

/** Lines that are added to the configuration, for all of its servers. */
export async function startProftpd(proftpd: Daemon, extra: readonly string[] = []): Promise<FtpServer> {
  const folder = daemonFolder('proftpd');
  const home = join(folder, 'home');
  mkdirSync(home);
  const ports = { ftp: await freePort(), implicit: await freePort(), sftp: await freePort() };
  const { cert, key } = makeCertificate(proftpd, folder, ['DNS:files.partner.example', 'IP:127.0.0.1']);
  const other = makeCertificate(proftpd, folder, ['IP:127.0.0.1'], 'other');
  const hostKey = makeHostKey(proftpd, folder);
  const { uid, gid } = daemonUser();
  const hash = execFileSync(daemonTool(proftpd, 'openssl'), ['passwd', '-6', '-stdin'], {
    env: { ...proftpd.env },
    input: PASSWORD,
    encoding: 'utf8',
  }).trim();
  const passwd = join(folder, 'passwd');
  writeFileSync(passwd, `${USER}:${hash}:${uid}:${gid}::${home}:/bin/false\n`);
  chmodSync(passwd, 0o600);
  const file = join(folder, 'proftpd.conf');
  writeFileSync(file, proftpdConf({ proftpd, folder, ports, cert, key, extra }));
  const daemon = await startDaemon(proftpd, { args: ['-n', '-c', file], ports: Object.values(ports), folder });
  return {
    ports,
    home,
    ca: cert,
    otherCa: other.cert,
    hostKey,
    daemon,
    killSessions: () => daemon.sessions().filter((pid) => process.kill(pid, 'SIGKILL')).length,
    close: async () => {
      await daemon.stop();
      removeDaemonFolder(folder);
    },
  };
}

type Conf = {
  proftpd: Daemon;
  folder: string;
  ports: FtpServer['ports'];
  cert: string;
  key: string;
  extra: readonly string[];
};

function proftpdConf({ proftpd, folder, ports, cert, key, extra }: Conf): string {
  const { user, group } = daemonUser();
  return `ServerName test
ServerType standalone
DefaultAddress 127.0.0.1
SocketBindTight on
UseIPv6 off
UseReverseDNS off
Port ${ports.ftp}
User ${user}
Group ${group}
ModulePath ${proftpd.root}/usr/lib/proftpd
LoadModule mod_tls.c
LoadModule mod_sftp.c
PidFile ${folder}/proftpd.pid
ScoreboardFile ${folder}/scoreboard
SystemLog ${folder}/system.log
TransferLog none
WtmpLog off
DelayEngine off
DelayTable none
<IfModule mod_ctrls.c>
 ControlsEngine off
</IfModule>
MaxInstances 30
TimesGMT on
<Global>
 AuthOrder mod_auth_file.c
 AuthUserFile ${folder}/passwd
 RequireValidShell off
 AllowOverwrite on
 AllowStoreRestart on
 AllowRetrieveRestart on
 TLSProtocol TLSv1.2 TLSv1.3
 TLSECCertificateFile ${cert}
 TLSECCertificateKeyFile ${key}
 TLSLog ${folder}/tls.log
${extra.map((line) => ` ${line}`).join('\n')}
</Global>
TLSEngine on
TLSRequired off
<VirtualHost 127.0.0.1>
 Port ${ports.implicit}
 TLSEngine on
 TLSOptions UseImplicitSSL
</VirtualHost>
<VirtualHost 127.0.0.1>
 Port ${ports.sftp}
 SFTPEngine on
 SFTPLog ${folder}/sftp.log
 SFTPHostKey ${folder}/host_ed25519
 SFTPAuthMethods password
</VirtualHost>
`;
}

/** Answers its fingerprint. */
function makeHostKey(daemon: Daemon, folder: string, name = 'host_ed25519'): string {
  const keygen = daemonTool(daemon, 'ssh-keygen');
  const file = join(folder, name);
  execFileSync(keygen, ['-q', '-t', 'ed25519', '-N', '', '-f', file], { env: { ...daemon.env } });
  const shown = execFileSync(keygen, ['-lf', `${file}.pub`], { env: { ...daemon.env }, encoding: 'utf8' });
  return shown.split(' ')[1] ?? '';
}

export type SshServer = {
  port: number;
  home: string;
  hostKey: string;
  user: string;
  /** File with the key that may log in. */
  privateKey: string;
  close: () => Promise<void>;
};

/** OpenSSH with SFTP alone, for the user that it runs as. */
export async function startSshd(sshd: Daemon): Promise<SshServer> {
  const folder = daemonFolder('sshd');
  const home = join(folder, 'home');
  mkdirSync(home);
  const hostKey = makeHostKey(sshd, folder);
  makeHostKey(sshd, folder, 'user_ed25519');
  writeFileSync(join(folder, 'authorized'), readFileSync(join(folder, 'user_ed25519.pub')));
  const port = await freePort();
  const lines = [
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    `HostKey ${folder}/host_ed25519`,
    'PidFile none',
    'UsePAM no',
    'StrictModes no',
    'PasswordAuthentication no',
    `AuthorizedKeysFile ${folder}/authorized`,
    'Subsystem sftp internal-sftp',
    'ForceCommand internal-sftp',
  ];
  writeFileSync(join(folder, 'sshd_config'), `${lines.join('\n')}\n`);
  const args = ['-D', '-e', '-f', join(folder, 'sshd_config')];
  const daemon = await startDaemon(sshd, { args, ports: [port], folder });
  return {
    port,
    home,
    hostKey,
    user: daemonUser().user,
    privateKey: join(folder, 'user_ed25519'),
    close: async () => {
      await daemon.stop();
      removeDaemonFolder(folder);
    },
  };
}
