import type { Person } from './person.ts';

/**
 * Attributes of an account from a mapping: a field of the person (`email`), `attributes.<directory name>`, or a constant (`=STANDARD`).
 * What the person does not have is left out: an attribute is never emptied because the directory does not know it.
 */
export function profileFor(mapping: Readonly<Record<string, string>>, person: Person): Record<string, string> {
  const profile: Record<string, string> = {};
  for (const [name, source] of Object.entries(mapping)) {
    const value = valueOf(source, person);
    if (value !== undefined && value !== '') profile[name] = value;
  }
  return profile;
}

function valueOf(source: string, person: Person): string | undefined {
  if (source.startsWith('=')) return source.slice(1);
  if (source.startsWith('attributes.')) return person.attributes[source.slice('attributes.'.length)];
  if (source === 'login' || source === 'partition' || source === 'who' || source === 'type') return person[source];
  return source === 'manager' ? person.manager : person.fields[source];
}
