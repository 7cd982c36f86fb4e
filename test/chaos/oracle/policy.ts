/** The policy of the chaos run (../policy.yaml) once more, as a table that the oracle believes instead. */
import type { Values } from './reading.ts';

/** One person as the directory says. */
export type Facts = {
  who: string;
  mail: string;
  given: string;
  family: string;
  display: string;
  values: Values;
  groups: Set<string>;
  disabled: boolean;
};

type Rule = { when: (f: Facts) => boolean; grants: (f: Facts) => string[] };

export const valueOf = (f: Facts, name: string): string => f.values[name]?.[0]?.trim() ?? '';
const type = (f: Facts): string => valueOf(f, 'oTExtraAttr0');
const department = (f: Facts): string => valueOf(f, 'oTDepartment');
const region = (f: Facts): string => valueOf(f, 'oTExtraAttr3');
const unit = (f: Facts): string => valueOf(f, 'oTExtraAttr4');
export const isEmployee = (f: Facts): boolean => type(f) === 'employee';
const inGroup = (group: string) => (f: Facts) => f.groups.has(group);
const employeeIn = (group: string) => (f: Facts) => isEmployee(f) && f.groups.has(group);
const USERS = ['Marketing Editors@staff', 'Post Production@staff', 'Legal Review@staff'];

/** Privileged: only by a decision for the demand at hand. */
export const ADMIN = 'iconik:roles/Media Library Admin';
/** Excludes the privileged one. */
export const APPROVER = 'iconik:roles/Approver';
export const OUTPUT_GROUP = 'Media Library Users@staff';
export const PORTAL = 'Access to Media Portal';
/** OTDS access role by which people get into Exstream. */
export const EXSTREAM_DOOR = 'Access to Exstream';
/** Right in Exstream → the OTDS group that carries it. */
export const CARRIERS: Readonly<Record<string, string>> = {
  'exstream:role/commdesigner@Development': 'Designers@exstream.role',
  'exstream:role/reviewer@Production': 'Reviewers@exstream.role',
};
export const CLOUD = 'northwind';

export const POLICY: readonly Rule[] = [
  {
    when: employeeIn('Marketing Editors@staff'),
    grants: () => [
      'iconik:team/Marketing',
      'iconik:roles/Reviewer',
      'cloudinary:group/Marketing',
      'exstream:role/commdesigner@Development',
    ],
  },
  {
    when: employeeIn('Post Production@staff'),
    grants: () => [
      'iconik:team/Post Production',
      'iconik:roles/Editor',
      'cloudinary:group/Post Production',
      'ftp:list/acme',
    ],
  },
  {
    when: employeeIn('Legal Review@staff'),
    grants: () => [
      'iconik:team/Legal',
      APPROVER,
      'cloudinary:folder/Legal/Rights#editor@northwind',
      'exstream:role/reviewer@Production',
    ],
  },
  {
    when: (f) =>
      isEmployee(f) &&
      ['Marketing', 'Post', 'Legal'].includes(department(f)) &&
      ['EMEA', 'Americas', 'APAC'].includes(region(f)),
    grants: (f) => [`iconik:team/${department(f)} ${region(f)}`],
  },
  {
    when: (f) => isEmployee(f) && ['Brand', 'Trailers', 'Rights'].includes(unit(f)),
    grants: (f) => [`iconik:team/Unit ${unit(f)}`],
  },
  { when: inGroup('Project Aurora@staff'), grants: () => ['iconik:team/Project Aurora', 'ftp:list/globex'] },
  {
    when: (f) => type(f) === 'contractor' && f.groups.has('Agency Editors@contractors'),
    grants: () => ['iconik:team/Contractors', 'iconik:roles/Viewer', 'ftp:list/globex'],
  },
  {
    when: (f) => USERS.some((g) => f.groups.has(g)),
    grants: () => [`otds:group/${OUTPUT_GROUP}`, `otds:accessrole/${PORTAL}`, 'cloudinary:environment/northwind'],
  },
  { when: inGroup('Media Admins@staff'), grants: () => [ADMIN] },
];
