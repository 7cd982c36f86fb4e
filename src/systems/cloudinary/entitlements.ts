import { createHash } from 'node:crypto';
import { matchesAny } from '../../domain/entitlement.ts';

/** Name of what holds in every environment, those to come included. No cloud name has a space, so it means nothing else. */
export const EVERY_ENVIRONMENT = 'all environments';

/** One entitlement of this system, taken apart. Names may hold any character, `#`, `@` and `/` included; clouds may not. */
export type Key =
  | { kind: 'group'; name: string }
  | { kind: 'environment'; cloud: string }
  | { kind: 'account-role'; role: string }
  | { kind: 'role'; role: string; cloud: string }
  | { kind: 'folder' | 'collection' | 'content'; name: string; role: string; cloud: string }
  | { kind: 'key'; fingerprint: string; cloud: string };

const outer = /^cloudinary:(?<kind>[a-z-]+)\/(?<rest>.+)$/su;
const onCloud = /^(?<name>.+)@(?<cloud>[^@/#]+)$/su;
const withRole = /^(?<name>.+)#(?<role>[^#@/]+)@(?<cloud>[^@/#]+)$/su;

/** Takes `cloudinary:folder/Marketing/EMEA#contributor@northwind` and the like apart; undefined for anything this system does not know. */
export function parseKey(key: string): Key | undefined {
  const { kind, rest } = outer.exec(key)?.groups ?? {};
  if (!kind || !rest) return undefined;
  if (kind === 'group') return { kind, name: rest };
  if (kind === 'environment') return { kind, cloud: rest };
  if (kind === 'account-role') return { kind, role: rest };
  if (kind === 'folder' || kind === 'collection' || kind === 'content') {
    const { name, role, cloud } = withRole.exec(rest)?.groups ?? {};
    return name && role && cloud ? { kind, name, role, cloud } : undefined;
  }
  const { name, cloud } = onCloud.exec(rest)?.groups ?? {};
  if (!name || !cloud) return undefined;
  if (kind === 'role') return { kind, role: name, cloud };
  return kind === 'key' ? { kind, fingerprint: name, cloud } : undefined;
}

/** The inverse of `parseKey`. */
export function formatKey(key: Key): string {
  switch (key.kind) {
    case 'group':
      return `cloudinary:group/${key.name}`;
    case 'environment':
      return `cloudinary:environment/${key.cloud}`;
    case 'account-role':
      return `cloudinary:account-role/${key.role}`;
    case 'role':
      return `cloudinary:role/${key.role}@${key.cloud}`;
    case 'key':
      return `cloudinary:key/${key.fingerprint}@${key.cloud}`;
    case 'folder':
    case 'collection':
    case 'content':
      return `cloudinary:${key.kind}/${key.name}#${key.role}@${key.cloud}`;
  }
}

/** `viewer` of `cld::role::folder::viewer`; a custom role goes by its own id. */
export function shortRole(roleId: string): string {
  return /^cld::role::[^:]+::(.+)$/su.exec(roleId)?.[1] ?? roleId;
}

/** Stands for an access key in entitlements, ledger and logs: the key itself never appears there. */
export function fingerprintOf(apiKey: string): string {
  return createHash('sha256').update(apiKey).digest('hex').slice(0, 12);
}

/** Whether any key or pattern of `interest` can mean something of that kind. */
export function concerns(interest: readonly string[], kind: Key['kind']): boolean {
  const start = `cloudinary:${kind}/`;
  return interest.some((entry) => {
    const literal = entry.split('*', 1)[0] ?? '';
    return literal.startsWith(start) || (literal !== entry && start.startsWith(literal)) || matchesAny([entry], start);
  });
}
