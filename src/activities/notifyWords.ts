import { parseEntitlement } from '../domain/entitlement.ts';
import type { Noted } from '../ledger/types.ts';
import type { NoticeKind, NotifyInput } from './types.ts';

/** Stands on locked screens: says nothing about anybody. */
export function titleOf(kind: NoticeKind): string {
  const titles = {
    welcome: 'Welcome: your access is ready',
    changed: 'Access has changed',
    left: 'Access has been closed',
  } as const satisfies Record<NoticeKind, string>;
  return titles[kind];
}

/** What is told: what is there or changed, and why. Of people it names only `login@partition`. */
export function wordsOf(input: NotifyInput, noted: Noted, instructions: string | undefined): string {
  const { kind, person, to } = input;
  const lines = input.changes.map((change) => `- ${sentence(change, noted)}`);
  switch (kind) {
    case 'welcome':
      return [`Access for ${person} is ready:`, ...lines, ...(instructions ? [instructions] : [])].join('\n');
    case 'changed':
      return [to === person ? 'Your access has changed:' : `The access of ${person} has changed:`, ...lines].join('\n');
    case 'left': {
      const why = noted.previous?.why ?? departure(noted);
      return [`All access of ${person} is closed, read back everywhere.`, ...(why ? [why] : []), ...lines].join('\n');
    }
  }
}

/** `iconik: team Marketing granted (rule marketing-editors)`. */
function sentence(change: string, noted: Noted): string {
  const colon = change.indexOf(': ');
  const [target, what] = [change.slice(0, colon), change.slice(colon + 2)];
  const [verb = '', key = ''] = split(what);
  if (key === 'account') return `${target}: account ${PAST[verb] ?? verb}`;
  const parts = parseEntitlement(key);
  const name = parts
    ? [parts.kind, parts.name, parts.level, parts.scope && `in ${parts.scope}`].filter(Boolean).join(' ')
    : key;
  return `${target}: ${name} ${PAST[verb] ?? verb} (${reason(verb, target, key, noted)})`;
}

const PAST: Readonly<Record<string, string>> = {
  grant: 'granted',
  revoke: 'taken away',
  create: 'created',
  enable: 'opened',
  disable: 'closed',
  update: 'brought up to date',
  delete: 'deleted',
};

function split(what: string): [string, string] {
  const space = what.indexOf(' ');
  return [what.slice(0, space), what.slice(space + 1)];
}

/** The rules that give it, by the newest desired; what is taken away, none gives any more. */
function reason(verb: string, target: string, key: string, noted: Noted): string {
  const wanted = noted.previous?.targets[target]?.entitlements.find((one) => one.key === key);
  const rules = [...new Set(wanted?.grants.map(({ rule }) => rule) ?? [])];
  if (verb === 'grant') return rules.length > 0 ? `rule ${rules.join(', ')}` : 'by a rule that no longer gives it';
  if (wanted?.until !== undefined) return 'its grace is over';
  return rules.length > 0 ? `rule ${rules.join(', ')} does not count now` : 'no rule gives it any more';
}

function departure({ decisions }: Noted): string | undefined {
  const last = decisions.filter((one) => one.kind === 'depart').at(-1);
  return last && `Departure recorded by ${last.by}.`;
}
