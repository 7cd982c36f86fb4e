import type { TenureConfig } from '../config/types.ts';
import type { Person } from '../domain/person.ts';

export type Profiles = Readonly<Record<string, Readonly<Record<string, string>>>>;

/**
 * Attributes of a person's account per system, as the configuration's `profile` maps them: a field of the person (`email`, `department`, `login`),
 * another directory attribute (`attributes.givenName`), or a constant (`=STANDARD`). What the person does not have is left out, so it is not written.
 */
export function profilesOf(config: TenureConfig): (person: Person) => Profiles {
  const mappings = Object.entries(config.systems).flatMap(([name, { profile }]) =>
    profile ? [{ name, profile }] : [],
  );
  return (person) => Object.fromEntries(mappings.map(({ name, profile }) => [name, filled(profile, person)]));
}

function filled(mapping: Readonly<Record<string, string>>, person: Person): Record<string, string> {
  const entries = Object.entries(mapping).map(([name, source]) => [name, valueOf(source, person)] as const);
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => Boolean(entry[1])));
}

function valueOf(source: string, person: Person): string | undefined {
  if (source.startsWith('=')) return source.slice(1);
  if (source.startsWith('attributes.')) return person.attributes[source.slice('attributes.'.length)];
  const own: Readonly<Record<string, string | undefined>> = {
    login: person.login,
    partition: person.partition,
    who: person.who,
    type: person.type,
  };
  return person.fields[source] ?? own[source];
}
