import { Client } from 'ldapts';
import { isIP } from 'node:net';
import { createPace } from '../pace.ts';
import type { SystemError } from '../errors.ts';
import type { LdapChoices } from './choices.ts';
import type { LdapConfig } from './config.ts';
import { createConnection } from './connection.ts';
import type { Connection } from './connection.ts';
import { bounded } from './deadline.ts';
import { dnKey } from './dn.ts';
import { ldapError, toSystemError } from './errors.ts';

export type SessionDeps = { config: LdapConfig; secret: (ref: string) => string; choices: LdapChoices };

/** Connections of one block. Every use has a new one: a client that saw a time-out or a reset is never used again (contracts/ldap.md 3, 5). */
export type Sessions = {
  /** Connected under TLS, bound, and known to the server as the configured user. The caller closes it. Throws `SystemError` only. */
  open(signal: AbortSignal): Promise<OpenConnection>;
  /** The same for one piece of work. */
  with<T>(signal: AbortSignal, work: (connection: Connection) => Promise<T>): Promise<T>;
};

export type OpenConnection = Connection & { close(): Promise<void> };

const ABOUT_LOGIN = 'the bind';

export function createSessions({ config, secret, choices }: SessionDeps): Sessions {
  const pace = createPace(config.limits);
  let refused: { password: string; until: number; error: SystemError } | undefined;

  async function bind(client: Client, signal: AbortSignal): Promise<void> {
    const password = secret(config.password);
    // A bind without a password succeeds, as nobody (RFC 4513 5.1.2).
    if (password === '') throw ldapError('LDAP_LOGIN_REFUSED');
    if (refused && refused.password === password && performance.now() < refused.until) throw refused.error;
    const run = <T>(work: () => Promise<T>) => bounded(client, signal, config.limits.requestMs, ABOUT_LOGIN, work);
    try {
      if (config.startTls) await run(() => client.startTLS(tlsOptions()));
      await run(() => client.bind(config.user, password));
      refused = undefined;
    } catch (error) {
      const told = toSystemError(error, ABOUT_LOGIN);
      if (told.code !== 'LDAP_LOGIN_REFUSED') throw told;
      const retryAt = new Date(Date.now() + choices.loginPauseMs).toISOString();
      const later = ldapError('LDAP_LOGIN_REFUSED', { retryAt });
      refused = { password, until: performance.now() + choices.loginPauseMs, error: later };
      throw later;
    }
  }

  /** Explicit, so that no environment variable turns the check off. */
  function tlsOptions() {
    const host = new URL(config.url).hostname.replace(/^\[|\]$/g, '');
    return {
      rejectUnauthorized: true,
      minVersion: 'TLSv1.2' as const,
      host,
      ...(isIP(host) === 0 && { servername: host }),
      ...(config.ca !== undefined && { ca: secret(config.ca) }),
    };
  }

  async function open(signal: AbortSignal): Promise<OpenConnection> {
    const done = await turn(signal);
    const client = new Client({
      url: config.url,
      timeout: config.limits.requestMs,
      connectTimeout: Math.min(choices.connectMs, config.limits.requestMs),
      // Not with ldap://: the client would talk TLS at once.
      ...(config.url.startsWith('ldaps:') && { tlsOptions: tlsOptions() }),
    });
    const close = async (): Promise<void> => {
      await client.unbind().catch(() => undefined); // it is thrown away either way
      done();
    };
    try {
      await bind(client, signal);
      const connection = createConnection(client, config, choices, signal);
      checkIdentity(config, await connection.whoami());
      return { ...connection, close };
    } catch (error) {
      await close();
      throw toSystemError(error, ABOUT_LOGIN);
    }
  }

  async function turn(signal: AbortSignal): Promise<() => void> {
    return pace.turn({ first: false, signal }).catch(() => {
      throw ldapError('LDAP_ABORTED', { about: ABOUT_LOGIN });
    });
  }

  return {
    open,
    async with(signal, work) {
      const connection = await open(signal);
      try {
        return await work(connection);
      } finally {
        await connection.close();
      }
    },
  };
}

/** Undefined: the server does not say. Where we bind by DN, its answer must be that DN. */
function checkIdentity(config: LdapConfig, who: string | undefined): void {
  if (who === undefined) return;
  const mine = dnKey(config.user);
  const isMine = who !== '' && (mine === undefined || !who.startsWith('dn:') || dnKey(who.slice(3)) === mine);
  if (!isMine) throw ldapError('LDAP_IDENTITY_LOST', { about: ABOUT_LOGIN });
}
