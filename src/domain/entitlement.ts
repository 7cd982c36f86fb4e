/** One thing that a person can hold on one target: `<system>:<kind>/<name>[#<level>][@<scope>]`. */
export type Entitlement = {
  system: string;
  kind: string;
  /** May contain `/` (a folder path). */
  name: string;
  /** Level of access, a lower-case word: `read`, `write`, `contributor`. */
  level?: string;
  /** Where it holds: an OTDS partition, an Exstream domain. */
  scope?: string;
};

const KEY = /^(?<system>[a-z][a-z0-9_-]*):(?<kind>[a-z][a-z0-9_-]*)\/(?<rest>.+)$/u;
const REST = /^(?<name>.+?)(?:#(?<level>[a-z][a-z0-9_-]*|\*{1,2}))?(?:@(?<scope>[^@/#]+))?$/u;
// Control characters, and space at either end, would make two keys look alike.
const UNTIDY = /[\p{Cc}]|^\s|\s$|\/\s|\s\/|\/\/|\/$/u;

/**
 * Parts of a key or pattern; undefined where it has no such form. `#1` is part of a name, `#read` is a level; the scope is what follows the
 * last `@`. Targets whose names know neither (iconik teams) take `restOf` instead.
 */
export function parseEntitlement(key: string): Entitlement | undefined {
  const outer = KEY.exec(key)?.groups;
  const rest = outer?.['rest'];
  if (!outer?.['system'] || !outer['kind'] || !rest || UNTIDY.test(rest)) return undefined;
  const inner = REST.exec(rest)?.groups;
  if (!inner?.['name']) return undefined;
  return {
    system: outer['system'],
    kind: outer['kind'],
    name: inner['name'],
    ...(inner['level'] ? { level: inner['level'] } : {}),
    ...(inner['scope'] ? { scope: inner['scope'] } : {}),
  };
}

/** The inverse of `parseEntitlement`. */
export function formatEntitlement(e: Entitlement): string {
  return `${e.system}:${e.kind}/${e.name}${e.level ? `#${e.level}` : ''}${e.scope ? `@${e.scope}` : ''}`;
}

/** `iconik` of `iconik:team/Marketing`. Text before the first colon; the whole text where there is none. */
export function systemOf(key: string): string {
  const colon = key.indexOf(':');
  return colon < 0 ? key : key.slice(0, colon);
}

/** `team` of `iconik:team/Marketing`; empty where there is none. */
export function kindOf(key: string): string {
  const slash = key.indexOf('/');
  return slash < 0 ? '' : key.slice(key.indexOf(':') + 1, slash);
}

/** Everything after `<system>:<kind>/`. */
export function restOf(key: string): string {
  return key.slice(key.indexOf('/') + 1);
}

const compiled = new Map<string, RegExp>();

/** `*` stands for any text within one segment (up to the next `/`), `**` for any text. Everything else stands for itself, case included. */
export function matches(pattern: string, key: string): boolean {
  if (!pattern.includes('*')) return pattern === key;
  let expression = compiled.get(pattern);
  if (!expression) {
    const source = pattern
      .split(/(\*+)/)
      .map((part) =>
        part.startsWith('*') ? (part.length > 1 ? '.*' : '[^/]*') : part.replace(/[\\^$.|?+()[\]{}]/g, '\\$&'),
      )
      .join('');
    expression = new RegExp(`^${source}$`, 'su');
    if (compiled.size > 1000) compiled.clear();
    compiled.set(pattern, expression);
  }
  return expression.test(key);
}

/** True where one of the patterns matches. */
export function matchesAny(patterns: readonly string[], key: string): boolean {
  return patterns.some((pattern) => matches(pattern, key));
}

/** As `matchesAny`, and also where a pattern without a level covers every level: protecting `iconik:collection/Vault` protects `#write` too. */
export function isProtectedKey(protectedPatterns: readonly string[], key: string): boolean {
  if (matchesAny(protectedPatterns, key)) return true;
  const parts = parseEntitlement(key);
  if (!parts?.level) return false;
  const { level: _level, ...whole } = parts;
  return matchesAny(protectedPatterns, formatEntitlement(whole));
}

/** True where a `person:<login>@<partition>` pattern covers this person. Case does not count: a directory finds the account in any case. */
export function isProtectedPerson(protectedPatterns: readonly string[], who: string): boolean {
  const person = `person:${who}`.toLowerCase();
  return protectedPatterns.some((pattern) => pattern.startsWith('person:') && matches(pattern.toLowerCase(), person));
}
