import type { SystemDeps } from '../system.ts';
import { createPace, type Pace } from '../pace.ts';
import { SystemError } from '../errors.ts';
import type { PartnerConfig } from './block.ts';
import type { FtpChoices } from './choices.ts';
import { ftpError } from './errors.ts';
import { openFtp } from './ftpFiles.ts';
import { LostReply } from './publish.ts';
import type { Endpoint, RemoteFiles } from './remoteFiles.ts';
import { openSftp } from './sftpFiles.ts';

const DEFAULT_PORT = { ftp: 21, ftps: 21, 'ftps-implicit': 990, sftp: 22 } as const;

/** Sessions with one partner's server: a new one for every piece of work, never more at once than its owner allows. */
export class Sessions {
  readonly about: string;
  private readonly config: PartnerConfig;
  private readonly secret: SystemDeps['secret'];
  private readonly choices: FtpChoices;
  private readonly limitMs: number;
  private readonly pace: Pace;

  constructor(
    about: string,
    config: PartnerConfig,
    deps: Pick<SystemDeps, 'secret'>,
    choices: FtpChoices,
    limits: { requestMs: number; perSecond: number },
  ) {
    this.about = about;
    this.config = config;
    this.secret = deps.secret;
    this.choices = choices;
    this.limitMs = limits.requestMs;
    this.pace = createPace({ perSecond: limits.perSecond, concurrent: config.sessions });
  }

  /**
   * Runs `work` in a session of its own, which ends with it, within the hard limit (the wait for a free session counts). `first`: before those who
   * only read. @throws SystemError; LostReply as `work` says.
   */
  async use<T>(o: { first: boolean; signal: AbortSignal }, work: (files: RemoteFiles) => Promise<T>): Promise<T> {
    const limit = AbortSignal.timeout(this.limitMs);
    const signal = AbortSignal.any([o.signal, limit]);
    let release: (() => void) | undefined;
    try {
      release = await this.pace.turn({ first: o.first, signal });
      return await this.session(signal, work);
    } catch (error) {
      throw this.named(error, limit.aborted || isTimeout(o.signal), signal.aborted);
    } finally {
      release?.();
    }
  }

  private async session<T>(signal: AbortSignal, work: (files: RemoteFiles) => Promise<T>): Promise<T> {
    const endpoint = this.endpoint();
    const open = await (endpoint.protocol === 'sftp' ? openSftp(endpoint, signal) : openFtp(endpoint, signal));
    try {
      return await work(open.files);
    } finally {
      open.close();
    }
  }

  /** Once the signal has aborted, every failure is its doing. */
  private named(error: unknown, late: boolean, aborted: boolean): unknown {
    if (!aborted) return error;
    const code = late ? 'FTP_TIMEOUT' : 'FTP_ABORTED';
    return error instanceof LostReply ? new LostReply(code) : ftpError(code, { about: this.about });
  }

  /** Secrets are read anew each time: a rotated one counts at once. */
  private endpoint(): Endpoint {
    const { protocol, host, user, password, privateKey, ca, hostKey } = this.config;
    const [name = '', port] = host.split(':');
    try {
      return {
        about: this.about,
        protocol,
        host: name,
        port: port === undefined ? DEFAULT_PORT[protocol] : Number(port),
        user,
        stallMs: this.choices.stallMs,
        ...(password && { password: this.secret(password) }),
        ...(privateKey && { privateKey: this.secret(privateKey) }),
        ...(ca && { ca: this.secret(ca) }),
        ...(hostKey && { hostKey }),
      };
    } catch (error) {
      if (error instanceof SystemError) throw error;
      throw ftpError('FTP_CREDENTIALS', { about: this.about });
    }
  }
}

/** Aborted by a time limit, not by somebody. */
function isTimeout(signal: AbortSignal): boolean {
  const reason: unknown = signal.reason;
  return signal.aborted && reason instanceof Error && reason.name === 'TimeoutError';
}
