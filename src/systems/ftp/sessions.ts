import type { SystemDeps } from '../system.ts';
import { createPace, type Pace } from '../pace.ts';
import { SystemError } from '../errors.ts';
import type { PartnerConfig } from './block.ts';
import type { FtpChoices } from './choices.ts';
import { ftpError } from './errors.ts';
import { openFtp } from './ftpFiles.ts';
import { LostReply } from './publish.ts';
import type { Endpoint, OpenFiles, RemoteFiles } from './remoteFiles.ts';
import { openSftp } from './sftpFiles.ts';

const DEFAULT_PORT = { ftp: 21, ftps: 21, 'ftps-implicit': 990, sftp: 22 } as const;

type Session = { open: OpenFiles; life: AbortController };
type Kept = { session: Session; end: () => void; timer: NodeJS.Timeout };

/**
 * Sessions with one partner's server, never more at once than its owner allows. A log-in costs as many round trips as the work itself, so one that did
 * its work waits a moment for more: what reads, changes and reads back logs in once. One in which anything failed is never used again.
 */
export class Sessions {
  readonly about: string;
  private readonly config: PartnerConfig;
  private readonly secret: SystemDeps['secret'];
  private readonly choices: FtpChoices;
  private readonly limitMs: number;
  private readonly pace: Pace;
  private readonly idle: Kept[] = [];

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
   * Runs `work` in a session that nobody else uses meanwhile, within the hard limit (the wait for a free session counts). `first`: before those who
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

  /** Ends the sessions that wait for more work. */
  close(): void {
    for (const kept of this.idle.splice(0)) kept.end();
  }

  private async session<T>(signal: AbortSignal, work: (files: RemoteFiles) => Promise<T>): Promise<T> {
    const life = new AbortController();
    const session = (await this.kept(signal)) ?? { open: await this.opened(life, signal), life };
    const stop = (): void => session.life.abort(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
    try {
      signal.throwIfAborted();
      const result = await work(session.open.files);
      if (!signal.aborted) this.keep(session);
      return result;
    } catch (error) {
      // Nobody knows what such a session still has on its way.
      session.open.close();
      throw error;
    } finally {
      signal.removeEventListener('abort', stop);
    }
  }

  private async opened(life: AbortController, signal: AbortSignal): Promise<OpenFiles> {
    const stop = (): void => life.abort(signal.reason);
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    try {
      const endpoint = this.endpoint();
      return await (endpoint.protocol === 'sftp' ? openSftp(endpoint, life.signal) : openFtp(endpoint, life.signal));
    } finally {
      signal.removeEventListener('abort', stop);
    }
  }

  /** One that waits and still answers. There are never more than the owner allows: nobody opens one while another waits. */
  private async kept(signal: AbortSignal): Promise<Session | undefined> {
    for (let kept = this.idle.pop(); kept; kept = this.idle.pop()) {
      clearTimeout(kept.timer);
      const { session } = kept;
      const stop = (): void => session.life.abort(signal.reason);
      signal.addEventListener('abort', stop, { once: true });
      const alive = await session.open.alive().finally(() => signal.removeEventListener('abort', stop));
      if (alive && !signal.aborted) return session;
      session.open.close();
    }
    return undefined;
  }

  private keep(session: Session): void {
    const end = (): void => {
      clearTimeout(kept.timer);
      const at = this.idle.indexOf(kept);
      if (at >= 0) this.idle.splice(at, 1);
      session.open.close();
    };
    const kept: Kept = { session, end, timer: setTimeout(() => end(), this.choices.keepMs) };
    kept.timer.unref();
    this.idle.push(kept);
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
