import type { Person } from '../../domain/person.ts';
import type { FtpConfig, PartnerConfig } from './block.ts';
import { ftpError } from './errors.ts';

/** By what partners know a person: attribute `id` of the profile. Undefined where the person lacks it. */
export const idOf = (config: FtpConfig, person: Person): string | undefined => attributesOf(config, person)['id'];

/** The account's attributes as the profile maps them now; what the person lacks is missing. */
export function attributesOf({ profile }: FtpConfig, person: Person): Record<string, string> {
  const { login, partition, who, type } = person;
  const own: Readonly<Record<string, string>> = { login, partition, who, type };
  const entries = Object.entries(profile).map(([name, source]): [string, string] => [
    name,
    source.startsWith('=') ? source.slice(1) : (person.fields[source] ?? own[source] ?? ''),
  ]);
  return Object.fromEntries(entries.filter(([, value]) => value !== ''));
}

/** What a person's row holds: column → text, empty where the person lacks the attribute. @throws SystemError where a value could forge a row */
export function rowValues(config: FtpConfig, { list }: PartnerConfig, person: Person): Record<string, string> {
  const attributes = attributesOf(config, person);
  if (attributes['id'] === undefined) throw ftpError('FTP_INCOMPLETE', { about: config.profile['id'] ?? 'id' });
  const values: Record<string, string> = { [list.key]: attributes['id'] };
  for (const [column, attribute] of Object.entries(list.columns)) values[column] = attributes[attribute] ?? '';
  // Quoted it would be right CSV; partners read lists line by line all the same.
  const forged = Object.entries(values).find(([, value]) => /\p{Cc}/u.test(value));
  if (forged) throw ftpError('FTP_UNSENDABLE', { about: list.columns[forged[0]] ?? 'id' });
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
