import { random, seedOf } from './common/random.ts';
import type { CompanyMembership, CompanyPerson, Partition, Region } from './company.ts';

const GIVEN =
  'Amara Björn Céline Daniel Elif Farah Goran Helena Ismael Jana Kwame Lina Mateo Nora Oskar Paola Quentin Rhea Stefan Tuva Uma Viktor Wanda Xavier Yara Zoë'.split(
    ' ',
  );
const FAMILY =
  'Abbott Bergman Castillo Dvořák Eriksen Fontaine García Huber Ivanova Jensen Kaya Lindgren Müller Ndiaye Oliveira Petit Quist Richter Sørensen Tamm Ueda Vargas Weiss Yilmaz Zhou'.split(
    ' ',
  );
const REGIONS: Region[] = ['EMEA', 'Americas', 'APAC'];
const UNITS: Record<string, string[]> = {
  Marketing: ['Brand', 'Trailers'],
  Post: ['Trailers', 'Brand'],
  Legal: ['Rights'],
};
const DEPARTMENT_OF_STAFF = ['Marketing', 'Marketing', 'Post', 'Post', 'Post', 'Legal', 'IT', 'Finance'];
const WORKS_IN: Record<string, string> = {
  Marketing: 'Marketing Editors@staff',
  Post: 'Post Production@staff',
  Legal: 'Legal Review@staff',
};
const TYPE = { staff: 'employee', contractors: 'contractor', partners: 'partner', field: 'employee' } as const;
const GROUP_OF = { contractors: 'Agency Editors@contractors', partners: 'Print Partners@partners' } as const;

const LATIN: Record<string, string> = { ø: 'o', å: 'a', æ: 'ae', ß: 'ss' };

function plain(text: string): string {
  return text
    .toLowerCase()
    .replace(/[øåæß]/g, (c) => LATIN[c] ?? c)
    .normalize('NFD')
    .replace(/[\u0300-\u036f]/g, '');
}

/** `count` invented people with their memberships of choice; logins carry a number and are plain ASCII. */
export function generated(count: number, seed: string): { people: CompanyPerson[]; memberships: CompanyMembership[] } {
  const next = random(seedOf(seed));
  const pick = <T>(list: readonly T[], or: T): T => list[Math.floor(next() * list.length)] ?? or;
  const people: CompanyPerson[] = [];
  const memberships: CompanyMembership[] = [];
  for (let i = 1; i <= count; i++) {
    const person = invented(i, next(), pick);
    people.push(person);
    const member = `${person.login}@${person.partition}`;
    const group =
      person.partition === 'staff'
        ? WORKS_IN[person.department]
        : person.partition === 'field'
          ? undefined
          : GROUP_OF[person.partition];
    if (group !== undefined && next() < 0.5) memberships.push({ group, kind: 'user', member });
    if (person.partition === 'staff' && next() < 0.05)
      memberships.push({ group: 'Project Aurora@staff', kind: 'user', member });
  }
  return { people, memberships };
}

function invented(i: number, share: number, pick: <T>(list: readonly T[], or: T) => T): CompanyPerson {
  const partition: Partition =
    share < 0.7 ? 'staff' : share < 0.85 ? 'contractors' : share < 0.9 ? 'partners' : 'field';
  const given = pick(GIVEN, 'Amara');
  const family = pick(FAMILY, 'Abbott');
  const login = `${plain(given)}.${plain(family)}${i}`;
  const department =
    partition === 'field'
      ? 'Field'
      : partition === 'partners'
        ? 'Partners'
        : partition === 'contractors'
          ? pick(['Marketing', 'Post'], 'Post')
          : pick(DEPARTMENT_OF_STAFF, 'IT');
  return {
    login,
    partition,
    given,
    family,
    displayName: `${given} ${family}`,
    mail: `${login}@northwind.example`,
    title: `${department} Specialist`,
    department,
    type: TYPE[partition],
    region: pick(REGIONS, 'EMEA'),
    unit: partition === 'partners' ? '' : pick(UNITS[department] ?? [], ''),
    start: `202${1 + (i % 5)}-0${1 + (i % 9)}-01`,
    end: partition === 'contractors' ? `2028-0${1 + (i % 9)}-28` : null,
    manager: pick(['grace.lee@staff', 'kofi.mensah@staff', 'ingrid.solberg@staff'], 'grace.lee@staff'),
    language: pick(['en', 'de', 'fr', 'es'], 'en'),
    disabled: false,
  };
}
