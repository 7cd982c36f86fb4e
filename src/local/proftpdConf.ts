import type { Daemon } from './daemons/find.ts';
import type { FtpPorts } from './ports.ts';

export type Conf = {
  proftpd: Daemon;
  ports: FtpPorts;
  /** Its own files. */
  folder: string;
  /** PEM files. */
  certificate: string;
  key: string;
  passwords: string;
  as: { name: string; group: string; uid: number };
};

/** The configuration of one server on the loopback that takes log-ins over TLS alone. There is no chroot, which would need root: paths are those of this machine. */
export function proftpdConf({ proftpd, ports, folder, certificate, key, passwords, as }: Conf): string {
  const [first, last] = ports.passive;
  const quoted = (path: string): string => `"${path}"`;
  return `# Written at every start.
ServerName "Partners"
ServerType standalone
DefaultAddress 127.0.0.1
SocketBindTight on
UseIPv6 off
UseReverseDNS off
Port ${ports.control}
PassivePorts ${first} ${last}
User ${as.name}
Group ${as.group}
RootLogin ${as.uid === 0 ? 'on' : 'off'}
ModulePath ${quoted(`${proftpd.root}/usr/lib/proftpd`)}
LoadModule mod_tls.c
PidFile ${quoted(`${folder}/proftpd.pid`)}
ScoreboardFile ${quoted(`${folder}/scoreboard`)}
SystemLog none
TransferLog none
WtmpLog off
DelayEngine off
DelayTable none
<IfModule mod_ctrls.c>
 ControlsEngine off
</IfModule>
MaxInstances 30
TimesGMT on
AuthOrder mod_auth_file.c
AuthUserFile ${quoted(passwords)}
RequireValidShell off
AllowOverwrite on
AllowStoreRestart on
AllowRetrieveRestart on
Umask 077
TLSEngine on
TLSRequired on
TLSProtocol TLSv1.2 TLSv1.3
TLSECCertificateFile ${quoted(certificate)}
TLSECCertificateKeyFile ${quoted(key)}
TLSLog none
`;
}
