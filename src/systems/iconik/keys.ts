import { matchesAny } from '../../domain/entitlement.ts';

/** What a collection's row lets one do, each level with all below it (`read` is always sent along: contract section 6). */
export const levels = ['read', 'write', 'delete', 'change-acl'] as const;
export type Level = (typeof levels)[number];

/** One entitlement of this system, taken apart. `name` may hold any character, `#`, `@` and `/` included. */
export type Key =
  | { kind: 'team' | 'roles' | 'group'; name: string }
  | { kind: 'collection'; path: string; level: Level }
  | { kind: 'share'; id: string };

const shape = /^iconik:(?<kind>team|roles|group|collection|share)\/(?<rest>.+)$/su;
const withLevel = /^(?<path>.+)#(?<level>read|write|delete|change-acl)$/su;

/** Takes `iconik:team/Marketing` and the like apart; undefined for anything this system does not know. */
export function parseKey(key: string): Key | undefined {
  const { kind, rest } = shape.exec(key)?.groups ?? {};
  if (!kind || !rest) return undefined;
  if (kind === 'team' || kind === 'roles' || kind === 'group') return { kind, name: rest };
  if (kind === 'share') return { kind, id: rest };
  const { path, level } = withLevel.exec(rest)?.groups ?? {};
  const known = levels.find((l) => l === level);
  return path && known ? { kind: 'collection', path, level: known } : undefined;
}

export const teamKey = (name: string): string => `iconik:team/${name}`;
export const groupKey = (name: string): string => `iconik:group/${name}`;
export const rolesKey = (name: string): string => `iconik:roles/${name}`;
export const shareKey = (id: string): string => `iconik:share/${id}`;
export const collectionKey = (path: string, level: Level): string => `iconik:collection/${path}#${level}`;

/** Permissions that a level is written as: `write` → `["read", "write"]`. */
export function permissionsOf(level: Level): Level[] {
  return levels.slice(0, levels.indexOf(level) + 1);
}

/**
 * The one level a row is reported as: its highest permission. A row made elsewhere that skips one (`["read", "delete"]`) is thus reported as more
 * than it is, never as less. Undefined for an empty row or unknown permissions only.
 */
export function levelOf(permissions: readonly string[]): Level | undefined {
  return levels.findLast((level) => permissions.includes(level));
}

/** Which parts of a full read matter, from entitlement keys and patterns (`*` within a segment, `**` across segments). */
export class Interest {
  private readonly entries: readonly string[];
  /** Collection paths that are named outright. */
  readonly namedPaths: readonly string[];
  /** True where a pattern may match collections, so that all of them must be looked at. */
  readonly walk: boolean;
  /** True where own shares matter. */
  readonly shares: boolean;

  constructor(entries: readonly string[]) {
    this.entries = entries;
    this.namedPaths = [
      ...new Set(entries.map(parseKey).flatMap((key) => (key?.kind === 'collection' ? [key.path] : []))),
    ];
    this.walk = entries.some((entry) => entry.includes('*') && reaches(entry, 'iconik:collection/'));
    this.shares = entries.some((entry) => reaches(entry, 'iconik:share/'));
  }

  /** True where exactly this key was asked for. */
  names(key: string): boolean {
    return this.entries.includes(key);
  }

  /** True when any level on this collection matters. */
  collection(path: string): boolean {
    if (this.namedPaths.includes(path)) return true;
    return levels.some((level) => matchesAny(this.entries, collectionKey(path, level)));
  }
}

/** Whether a key or pattern can mean anything that starts so, judged by its text before the first `*`. */
function reaches(entry: string, start: string): boolean {
  const literal = entry.split('*', 1)[0] ?? '';
  return literal.startsWith(start) || (literal !== entry && start.startsWith(literal));
}
