import type { Brake } from '../domain/brakes.ts';
import type { Managed } from '../domain/change.ts';
import type { ApprovalRequirement, OnFailure } from '../domain/desired.ts';
import type { Expression } from './cel.ts';
import type { Template } from './template.ts';

/** One rule, checked and ready to be asked. */
export type Rule = {
  name: string;
  when: Expression;
  grant: readonly Template[];
  /** Account attributes by system. */
  profile: Readonly<Record<string, Readonly<Record<string, string>>>>;
  approval?: ApprovalRequirement;
  onFailure: OnFailure;
  graceMs: number;
  /** All of the rule that an approval depends on, as text: what its digest is made of. */
  text: string;
};

export type Freeze = { since: string; by: string; reason: string };

/** A policy that has been read and found good. */
export type Policy = {
  version: number;
  /** SHA-256 of everything it says (comments and layout do not count), hex. */
  digest: string;
  /** SHA-256 of what it manages and protects. */
  scopeDigest: string;
  managed: Managed;
  graceMs: number;
  accounts: Readonly<Record<string, { whenUnused: 'disable' | 'leave' }>>;
  rules: readonly Rule[];
  conflicts: readonly {
    name: string;
    between: readonly [string, string];
    mode: 'enforce' | 'report';
    windowMs: number;
  }[];
  brakes: readonly Brake[];
  /** Absent: not frozen. */
  freeze?: Freeze;
  /** Systems it speaks of, sorted. */
  systems: readonly string[];
};
