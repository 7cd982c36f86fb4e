import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { matchesAny } from '../domain/entitlement.ts';
import type { Person } from '../domain/person.ts';
import { person } from '../domain/testing.ts';
import { formatProblem } from '../config/yamlFile.ts';
import { evaluate } from './evaluate.ts';
import type { Policy } from './policy.ts';
import { readPolicy } from './read.ts';

function policyOf(text: string): Policy {
  const read = readPolicy(text, 'policy.yaml');
  if ('problems' in read) throw new Error(read.problems.map(formatProblem).join('\n'));
  return read.policy;
}
const example = policyOf(readFileSync(new URL('../../config/policy.yaml', import.meta.url), 'utf8'));
const keysOf = (policy: Policy, who: Partial<Person>) =>
  evaluate(policy, person(who)).wanted.grants.map((grant) => grant.key);
const small = (rule: string, more = '') =>
  policyOf(
    `version: 1\nmanaged: [ "iconik:team/*", "iconik:roles/*" ]\nprotected: [ iconik:team/Everyone ]\nrules:\n  - { name: r, ${rule} }\n${more}`,
  );

const MEDIA = ['otds:group/Media Library Users@staff', 'otds:accessrole/Access to Media Portal'];

describe('the worked example', () => {
  test.each<[string, Partial<Person>, string[]]>([
    [
      'marketing reviews',
      { groups: ['Marketing Editors@staff'] },
      ['iconik:team/Marketing', 'iconik:roles/Reviewer', 'ftp:list/acme', ...MEDIA],
    ],
    [
      'post-production edits',
      { groups: ['Post Production@staff'] },
      [
        'iconik:team/Post Production',
        'iconik:roles/Editor',
        'cloudinary:environment/northwind',
        'cloudinary:group/Post Production',
        'ftp:list/printco',
        ...MEDIA,
      ],
    ],
    [
      'legal approves',
      { groups: ['Legal Review@staff'] },
      [
        'iconik:team/Legal',
        'iconik:roles/Approver',
        'cloudinary:environment/northwind',
        'cloudinary:group/Legal',
        'cloudinary:folder/Marketing#campaign_reviewer@northwind',
        ...MEDIA,
      ],
    ],
    [
      'marketing contributes to the folder of its region',
      { groups: ['Marketing Editors@staff'], type: 'partner', fields: { region: 'APAC' } },
      [
        'cloudinary:environment/northwind',
        'cloudinary:role/ml_user@northwind',
        'cloudinary:folder/Marketing/APAC#contributor@northwind',
        'cloudinary:folder/Marketing/Campaigns#viewer@northwind',
        'ftp:list/acme',
        ...MEDIA,
      ],
    ],
    [
      'letters are designed, run, and written in a region',
      {
        groups: ['Letter Designers', 'Letter Operators', 'Letter Authors'].map((g) => `${g}@staff`),
        fields: { region: 'EMEA' },
      },
      [
        'exstream:role/commdesigner@Development',
        'exstream:role/tenantuser@Production',
        'exstream:role/bcauser@Regional EMEA',
      ],
    ],
    [
      'workspaces by department, region and unit',
      { fields: { department: 'Marketing', region: 'EMEA', unit: 'Brand' } },
      ['iconik:team/Marketing EMEA', 'iconik:team/Unit Brand'],
    ],
    ['a department without a team', { fields: { department: 'Finance', region: 'EMEA' } }, []],
    ['a department without a region', { fields: { department: 'Marketing' } }, []],
    ['a project team follows its group', { groups: ['Project Aurora@staff'] }, ['iconik:team/Project Aurora']],
    [
      'a contractor gets one team, and nothing internal by attributes',
      {
        type: 'contractor',
        partition: 'contractors',
        groups: ['Agency Editors@contractors'],
        fields: { department: 'Marketing', region: 'EMEA', unit: 'Brand' },
      },
      [
        'iconik:team/Contractors',
        'iconik:roles/Viewer',
        'cloudinary:environment/northwind',
        'cloudinary:role/ml_user@northwind',
        'cloudinary:folder/Contractors#contributor@northwind',
        'ftp:list/acme',
      ],
    ],
    [
      "a group of the same name in a partner's partition gives nothing",
      { groups: ['Marketing Editors@partners', 'Media Admins@partners'] },
      [],
    ],
    ['nobody in particular', {}, []],
  ])('%s', (_name, who, keys) => {
    const { wanted, problems } = evaluate(example, person(who));
    expect(wanted.grants.map((grant) => grant.key)).toEqual(keys);
    expect(problems).toEqual([]);
  });

  test('the privileged rule asks first and undoes', () => {
    const rule = {
      rule: 'media-library-admin',
      digest: expect.stringMatching(/^[0-9a-f]{64}$/),
      onFailure: 'undo',
      approval: {
        group: 'Security Approvers@staff',
        withinMs: 259_200_000,
        remindMs: 86_400_000,
        otherwise: { managerOf: 'approver' },
        distinct: true,
      },
    };
    const { grants } = evaluate(example, person({ groups: ['Media Admins@staff'] })).wanted;
    expect(grants).toEqual(
      ['iconik:roles/Media Library Admin', 'cloudinary:environment/northwind', 'cloudinary:group/Media Admins'].map(
        (key) => ({ key, ...rule }),
      ),
    );
  });

  test('accounts, systems, graces', () => {
    const { wanted } = evaluate(example, person({ groups: ['Post Production@staff'] }));
    const left = { whenUnused: 'leave', profile: {} };
    const disabled = { whenUnused: 'disable', profile: {} };
    expect(wanted.accounts).toEqual({
      iconik: { whenUnused: 'disable', profile: { type: 'POWER' } },
      ...{ cloudinary: disabled, exstream: disabled, ftp: left, otds: left, push: left },
    });
    expect(wanted.systems).toEqual(['cloudinary', 'exstream', 'ftp', 'iconik', 'otds', 'push']);
    expect(wanted.grace).toMatchObject({
      defaultMs: 432_000_000,
      rules: { 'post-production': 432_000_000, 'media-library-admin': 0, contractors: 0 },
    });
  });

  test('a conflict is named, and both sides come with it as patterns', () => {
    const { wanted, problems } = evaluate(example, person({ groups: ['Media Admins@staff', 'Legal Review@staff'] }));
    expect(wanted.conflicts).toMatchObject([
      {
        name: 'administer-and-approve',
        mode: 'enforce',
        left: ['iconik:roles/Media Library Admin'],
        right: ['iconik:roles/Approver'],
        windowMs: 0,
      },
    ]);
    expect(problems).toEqual([expect.stringContaining('Conflict "administer-and-approve"')]);
  });

  test('whatever attributes say, only managed and unprotected keys are granted', () => {
    const value = fc.oneof(
      fc.constantFrom('Marketing', 'EMEA', 'Brand', '../x', 'a/b', 'x#write', 'y@staff', '*', 'Everyone', ''),
      fc.string({ maxLength: 8 }),
    );
    const policy = policyOf(
      'version: 1\nmanaged: ["iconik:team/*"]\nprotected: [iconik:team/Everyone]\nrules:\n  - { name: r, when: "true", grant: ["iconik:team/${person.department}", "iconik:team/Unit ${person.attributes.x}"] }',
    );
    fc.assert(
      fc.property(value, value, (department, x) => {
        for (const key of keysOf(policy, { fields: { department }, attributes: { x } })) {
          expect(matchesAny(['iconik:team/*'], key)).toBe(true);
          expect(key).not.toBe('iconik:team/Everyone');
          expect(key).not.toMatch(/[#@*]/);
        }
      }),
    );
  });
});

describe('what cannot be decided grants nothing and is reported', () => {
  test('an attribute that the directory does not give', () => {
    const policy = small(`when: 'person.department == "Legal"', grant: [ iconik:team/Legal ]`);
    expect(evaluate(policy, person())).toMatchObject({
      wanted: { grants: [] },
      problems: [
        'Rule "r" could not be asked about ada.byrne@staff and grants nothing: the directory gives no department.',
      ],
    });
    expect(evaluate(policy, person({ fields: { department: 'Legal' } })).problems).toEqual([]);
  });

  test('has() and || are the ways to allow for it', () => {
    expect(
      evaluate(
        small(`when: 'has(person.department) && person.department == "Legal"', grant: [ iconik:team/Legal ]`),
        person(),
      ).problems,
    ).toEqual([]);
    expect(
      keysOf(
        small(`when: 'person.department == "Legal" || person.type == "employee"', grant: [ iconik:team/Legal ]`),
        {},
      ),
    ).toEqual(['iconik:team/Legal']);
    expect(
      keysOf(small(`when: 'has(person.attributes.x) && person.attributes["x"] == "1"', grant: [ iconik:team/Legal ]`), {
        attributes: { x: '1' },
      }),
    ).toHaveLength(1);
  });

  test.each([
    ['a template without its value', {}, 'the directory gives no unit'],
    [
      'a value that would change the meaning of the key',
      { unit: 'Brand#admin' },
      'holds a character that means something',
    ],
  ])('%s skips that grant alone', (_name, fields, why) => {
    const policy = small(`when: "true", grant: [ "iconik:team/Unit \${person.unit}", iconik:roles/Viewer ]`);
    const { wanted, problems } = evaluate(policy, person({ fields }));
    expect(wanted.grants.map((grant) => grant.key)).toEqual(['iconik:roles/Viewer']);
    expect(problems).toEqual([expect.stringContaining(why)]);
  });

  test('a value that leads to something protected', () => {
    const policy = small(`when: "true", grant: [ "iconik:team/\${person.unit}" ]`);
    expect(evaluate(policy, person({ fields: { unit: 'Everyone' } }))).toMatchObject({
      wanted: { grants: [] },
      problems: [expect.stringContaining('protected')],
    });
  });
});

describe('digests', () => {
  const digest = (policy: Policy, who: Partial<Person> = {}) => evaluate(policy, person(who)).wanted.grants[0]?.digest;
  const rule = 'when: "true", grant: [ "iconik:team/${person.region}" ]';

  test('follow the rule and what it grants this person, nothing else', () => {
    const emea = { fields: { region: 'EMEA' } };
    const before = digest(small(rule), emea);
    expect(digest(small(`${rule}, grace: 1 day, description: new`, 'conflicts: []'), emea)).toBe(before);
    expect(digest(small(rule), { ...emea, login: 'x', groups: ['g@staff'] })).toBe(before);
    expect(digest(small(rule), { fields: { region: 'APAC' } })).not.toBe(before);
    expect(digest(small(rule.replace('"true"', '"1 == 1"')), emea)).not.toBe(before);
  });
});

test('the first rule that sets an attribute wins', () => {
  const policy = policyOf(
    'version: 1\nmanaged: ["iconik:team/*"]\nrules:\n  - { name: a, when: "true", grant: [iconik:team/A], profile: { iconik: { type: POWER } } }\n  - { name: b, when: "true", grant: [iconik:team/B], profile: { iconik: { type: STANDARD, phone: "1" } } }',
  );
  expect(evaluate(policy, person()).wanted.accounts['iconik']?.profile).toEqual({ type: 'POWER', phone: '1' });
});
