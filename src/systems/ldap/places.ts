import type { LdapConfig } from './config.ts';
import { isInside, parseDn } from './dn.ts';
import type { Dn } from './dn.ts';

/** Which partition an entry belongs to, by where it stands: the innermost configured base around it. */
export type Places = {
  person(place: Dn): string | undefined;
  group(place: Dn): string | undefined;
  /** Bases that together hold everything, none inside another: each is searched once. */
  peopleBases: readonly string[];
  groupBases: readonly string[];
  /** The partition as the configuration spells it; undefined where Tenure does not look after it. */
  partition(name: string): { name: string; base: string; groups: string } | undefined;
};

type Area = { name: string; base: string; dn: Dn };

export function placesOf({ partitions }: LdapConfig): Places {
  const areas = (baseOf: (at: number) => string): Area[] =>
    partitions
      .map(({ name }, at) => ({ name, base: baseOf(at), dn: parseDn(baseOf(at)) ?? [] }))
      .sort((a, b) => b.dn.length - a.dn.length);
  const people = areas((at) => partitions[at]?.base ?? '');
  const groups = areas((at) => partitions[at]?.groups ?? partitions[at]?.base ?? '');
  const within = (list: readonly Area[]) => (place: Dn) => list.find(({ dn }) => isInside(place, dn))?.name;
  return {
    person: within(people),
    group: within(groups),
    peopleBases: outermost(people),
    groupBases: outermost(groups),
    partition(asked) {
      const found = partitions.find(({ name }) => name.toLowerCase() === asked.toLowerCase());
      return found && { name: found.name, base: found.base, groups: found.groups ?? found.base };
    },
  };
}

function outermost(areas: readonly Area[]): string[] {
  const kept: Area[] = [];
  const widestFirst = [...areas].sort((a, b) => a.dn.length - b.dn.length);
  for (const area of widestFirst) if (!kept.some(({ dn }) => isInside(area.dn, dn))) kept.push(area);
  return kept.map(({ base }) => base);
}
