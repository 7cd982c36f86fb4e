import type { Person } from '../../domain/person.ts';
import type { FtpConfig, PartnerConfig } from './block.ts';
import { ftpError } from './errors.ts';

/** By what partners know a person. Undefined where the person lacks it. */
export const idOf = ({ profile }: FtpConfig, person: Person): string | undefined =>
  valueOf(profile.id, person) || undefined;

/** What a row of the person holds: column → text, empty where the person lacks the field. */
export function rowValues(config: FtpConfig, { list }: PartnerConfig, person: Person): Record<string, string> {
  const more = Object.entries(list.columns).map(([column, source]) => [column, valueOf(source, person)] as const);
  return { [list.key]: idOf(config, person) ?? '', ...Object.fromEntries(more) };
}

/** The same, to be written. @throws SystemError where the id is missing or a value could forge a row */
export function writableValues(config: FtpConfig, partner: PartnerConfig, person: Person): Record<string, string> {
  const values = rowValues(config, partner, person);
  const { key, columns } = partner.list;
  if (!values[key]) throw ftpError('FTP_INCOMPLETE', { about: config.profile.id });
  // Quoted it would be right CSV; partners read lists line by line all the same.
  const forged = Object.entries(values).find(([, value]) => /\p{Cc}/u.test(value));
  if (forged) throw ftpError('FTP_UNSENDABLE', { about: columns[forged[0]] ?? config.profile.id });
  return values;
}

/** May this person be put on the list? Every part of the rule that is given must fit. */
export function admits({ allow }: PartnerConfig, person: Person): boolean {
  const { types, partitions, groups } = allow;
  return (
    (types === undefined || types.includes(person.type)) &&
    (partitions === undefined || partitions.includes(person.partition)) &&
    (groups === undefined || groups.some((group) => person.groups.includes(group)))
  );
}

/** The grammar of `profile`, without directory attributes: those are not kept with what is due. */
function valueOf(source: string, person: Person): string {
  if (source.startsWith('=')) return source.slice(1);
  const { login, partition, who, type } = person;
  const own: Readonly<Record<string, string>> = { login, partition, who, type };
  return person.fields[source] ?? own[source] ?? '';
}
