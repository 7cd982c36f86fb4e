import type { Directory } from '../port.ts';
import { DEFAULT_CHOICES } from './choices.ts';
import type { LdapChoices } from './choices.ts';
import type { LdapConfig } from './config.ts';
import { contextOf } from './context.ts';
import { createDirectory } from './directory.ts';
import { createProbe } from './probe.ts';
import { createSessions } from './session.ts';

export type LdapDeps = {
  /** The value behind `env:NAME` or `file:/path`; asked at every bind. */
  secret: (ref: string) => string;
  /** Wall clock, milliseconds. Default `Date.now`. */
  now?: () => number;
  /** See `choices.ts`. */
  choices?: Partial<LdapChoices>;
};

/** A directory behind LDAP, read only. No request is made here, and nothing stays open between calls. */
export function createLdap(config: LdapConfig, deps: LdapDeps): Directory {
  const choices = { ...DEFAULT_CHOICES, ...deps.choices };
  const context = contextOf(config, choices);
  const now = deps.now ?? Date.now;
  const sessions = createSessions({ config, secret: deps.secret, choices });
  return createDirectory(sessions, context, createProbe(sessions, context, now), now);
}
