import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { formatProblem } from '../config/yamlFile.ts';
import { readPolicy } from './read.ts';
import type { Catalogue } from './systems.ts';

const CATALOGUE: Catalogue = {
  groups: [
    'Marketing Editors@staff',
    'Media Admins@staff',
    'Security Approvers@staff',
    'Media Library Users@staff',
    'Agency Editors@contractors',
  ],
  names: {
    'iconik:team': ['Marketing', 'Post Production', 'Everyone'],
    'iconik:roles': ['Reviewer', 'Editor', 'Media Library Admin'],
    'iconik:collection': ['Marketing', 'Marketing/Spots'],
    'otds:accessrole': ['Access to Media Portal'],
  },
};

const GOOD = `version: 1
managed: [ "iconik:team/*", "iconik:roles/*", "iconik:collection/**", "otds:group/*@staff" ]
protected: [ "iconik:team/Everyone", "iconik:account/service@x.example" ]
grace: 5 days
rules:
  - name: marketing
    when: '"Marketing Editors@staff" in person.groups'
    grant: [ iconik:team/Marketing ]
  - name: admin
    when: '"Media Admins@staff" in person.groups'
    grant:
      - iconik:roles/Media Library Admin
    approval:
      by: { group: Security Approvers@staff }
      within: 3 days
      remind: 1 day
brakes:
  - { window: 1 h, revokes: { count: 5 } }
`;

/** Line, column, a part of the message and the suggestion of each problem, after one replacement in a good policy. */
function problemsAfter(from: string, to: string): string[] {
  if (!GOOD.includes(from)) throw new Error(`The good policy does not contain ${from}`);
  const read = readPolicy(
    GOOD.replace(from, () => to),
    'policy.yaml',
    CATALOGUE,
  );
  return 'problems' in read ? read.problems.map(formatProblem) : [];
}

test('the good policy is good', () => {
  expect(problemsAfter('version: 1', 'version: 2')).toEqual([]);
});

/** Name, text of the good policy, what stands there instead, line:column: message, suggestion. */
type Row = [string, string, string, string, string?];
type ExpressionRow = [string, string, string, string?];

describe('every mistake: line, column, suggestion', () => {
  const mistakes: Row[] = [
    ['unknown key', 'grace: 5 days', 'grase: 5 days', '4:1: Unknown key "grase".', 'grace'],
    [
      'unknown key in a rule',
      '    grant: [ iconik',
      '    graces: 1 day\n    grant: [ iconik',
      '8:5: Unknown key "graces" in rules[0].',
      'grace',
    ],
    [
      'unknown key in an approval',
      'remind: 1 day',
      'remnd: 1 day',
      '16:7: Unknown key "remnd" in rules[1].approval.',
      'remind',
    ],
    ['missing key', '    when: \'"Marketing Editors@staff" in person.groups\'\n', '', '6:5: rules[0].when is missing'],
    ['wrong type', 'version: 1', 'version: one', '1:10: version must be a number.'],
    [
      'wrong value',
      '- { window: 1 h, revokes: { count: 5 } }',
      '- { window: 1 h, revokes: { count: 5 }, onTrip: halt }',
      '18:51: brakes[0].onTrip is "halt"; it must be "hold".',
    ],
    ['brake without a limit', '{ count: 5 }', '{}', '18:29: brakes[0].revokes: must have count, percent or both'],
    ['duplicate key', 'grace: 5 days', 'grace: 5 days\ngrace: 6 days', '5:1: This is not good YAML'],
    ['tab', '    grant: [', '\tgrant: [', '8:1: This is not good YAML'],
    [
      'unknown group',
      'Marketing Editors@staff',
      'Marketing Editor@staff',
      '7:12: There is no group "Marketing Editor@staff".',
      'Marketing Editors@staff',
    ],
    [
      'group without its partition',
      '"Marketing Editors@staff"',
      '"Marketing Editors"',
      '7:12: "Marketing Editors" must be written with its partition',
      'Marketing Editors@staff',
    ],
    [
      'unknown approvers',
      'group: Security Approvers@staff',
      'group: Security Approver@staff',
      '14:20: There is no group "Security Approver@staff".',
      'Security Approvers@staff',
    ],
    [
      'unknown team',
      'iconik:team/Marketing ]',
      'iconik:team/Markting ]',
      '8:14: There is no team "Markting" in iconik.',
      'iconik:team/Marketing',
    ],
    [
      'unknown role',
      'Media Library Admin',
      'Media Libary Admin',
      '12:9: There is no roles "Media Libary Admin" in iconik.',
      'iconik:roles/Media Library Admin',
    ],
    [
      'unknown collection',
      'iconik:team/Marketing ]',
      '"iconik:collection/Marketing/Spot#read" ]',
      '8:14: There is no collection "Marketing/Spot" in iconik.',
      'iconik:collection/Marketing/Spots#read',
    ],
    [
      'unknown level',
      'iconik:team/Marketing ]',
      '"iconik:collection/Marketing#reads" ]',
      '8:14: "iconik:collection/Marketing#reads" must end with its level',
      'read',
    ],
    [
      'unknown system',
      'iconik:team/Marketing ]',
      'iconnik:team/Marketing ]',
      '8:14: There is no system "iconnik"',
      'iconik:team/Marketing',
    ],
    [
      'unknown kind',
      'iconik:team/Marketing ]',
      'iconik:teams/Marketing ]',
      '8:14: iconik has no "teams"',
      'iconik:team/Marketing',
    ],
    [
      'no entitlement at all',
      'iconik:team/Marketing ]',
      'Marketing ]',
      '8:14: "Marketing" must read <system>:<kind>/<name>',
    ],
    [
      'unknown team in protected',
      'protected: [ "iconik:team/Everyone"',
      'protected: [ "iconik:team/Everone"',
      '3:14: There is no team "Everone"',
      'iconik:team/Everyone',
    ],
    [
      'a person without a partition',
      '"iconik:team/Everyone"',
      'person:root',
      '3:14: "person:root" must read person:login@partition.',
    ],
    ['bad duration', 'grace: 5 days', 'grace: 5 dayz', '4:8: "5 dayz" is no duration', '5 days'],
    ['bad duration in an approval', 'within: 3 days', 'within: soon', '15:15: "soon" is no duration'],
    ['duration of nothing', 'window: 1 h', 'window: 0 h', '18:15: The duration must be more than 0.'],
    ['a reminder that is too late', 'remind: 1 day', 'remind: 3 days', '16:15: The reminder after 3 days'],
    [
      'unmanaged grant',
      'iconik:team/Marketing ]',
      'otds:accessrole/Access to Media Portal ]',
      '8:14: The rule grants otds:accessrole/Access to Media Portal, which managed does not cover',
      'otds:accessrole/*',
    ],
    [
      'duplicate rule name',
      'name: admin',
      'name: marketing',
      '9:11: There are two rules named "marketing"; the first is rules[0].',
    ],
    [
      'protected thing granted',
      'iconik:team/Marketing ]',
      'iconik:team/Everyone ]',
      '8:14: The rule grants iconik:team/Everyone, which is protected',
    ],
    [
      'a group read and granted',
      'iconik:team/Marketing ]',
      'otds:group/Media Admins@staff ]',
      '8:14: The group Media Admins@staff is read by rule "admin"',
    ],
    [
      'a group read by its own rule',
      'iconik:team/Marketing ]',
      'otds:group/Marketing Editors@staff ]',
      '8:14: The group Marketing Editors@staff is read by rule "marketing"',
    ],
    [
      'approvers made by a rule',
      'iconik:team/Marketing ]',
      'otds:group/Security Approvers@staff ]',
      '8:14: The group Security Approvers@staff is read by the approval of rule "admin"',
    ],
    [
      'a template that could become a group that is read',
      'iconik:team/Marketing ]',
      '"otds:group/${person.department} Admins@staff" ]',
      '8:14: The group * Admins@staff is read by rule "admin"',
    ],
    [
      'group grant without its partition',
      'iconik:team/Marketing ]',
      'otds:group/Media Library Users ]',
      '8:14: "otds:group/Media Library Users" must name its partition',
      'otds:group/Media Library Users@staff',
    ],
    [
      'template with an unknown field',
      'iconik:team/Marketing ]',
      '"iconik:team/Unit ${person.departmnt}" ]',
      '8:41: A person has no field "departmnt"',
      'department',
    ],
    [
      'template that is none',
      'iconik:team/Marketing ]',
      '"iconik:team/${region}" ]',
      '8:14: A place for a value reads ${person.region}',
    ],
    [
      'approval and profile',
      '    approval:',
      '    profile: { iconik: { type: POWER } }\n    approval:',
      '13:5: A rule with an approval cannot set account attributes',
    ],
    [
      'unknown attribute',
      '    grant: [ iconik:team/Marketing ]',
      '    grant: [ iconik:team/Marketing ]\n    profile: { iconik: { typ: POWER } }',
      '9:26: Accounts on iconik have no attribute "typ"',
      'type',
    ],
    [
      'unknown system in a profile',
      '    grant: [ iconik:team/Marketing ]',
      '    grant: [ iconik:team/Marketing ]\n    profile: { iconic: { type: POWER } }',
      '9:16: There is no system "iconic"',
      'iconik',
    ],
    [
      'accounts of an unknown system',
      'grace: 5 days',
      'accounts: { ikonik: { whenUnused: leave } }',
      '4:13: There is no system "ikonik"',
      'iconik',
    ],
    [
      'accounts of the directory',
      'grace: 5 days',
      'accounts: { otds: { whenUnused: disable } }',
      '4:13: Accounts of the directory itself',
    ],
    [
      'two second rungs',
      'remind: 1 day',
      'otherwise: { managerOf: person, group: Media Admins@staff }',
      '16:18: rules[1].approval.otherwise: must name either managerOf or group',
    ],
    [
      'freeze without a date',
      'grace: 5 days',
      'freeze: { since: yesterday, by: grace.lee@staff, reason: audit }',
      '4:18: "yesterday" is no ISO date',
    ],
    [
      'freeze by nobody',
      'grace: 5 days',
      'freeze: { since: 2026-11-21, by: grace, reason: audit }',
      '4:34: "grace" must be written login@partition.',
    ],
    [
      'conflict with an unknown kind',
      'brakes:',
      'conflicts: [ { name: c, between: [ "iconik:role/A", "iconik:roles/*" ] } ]\nbrakes:',
      '17:36: iconik has no "role"',
      'iconik:roles/A',
    ],
  ];
  test.each(mistakes.map(([name, from, to, expected, suggestion]) => ({ name, from, to, expected, suggestion })))(
    '$name',
    ({ from, to, expected, suggestion }) => {
      const problems = problemsAfter(from, to);
      expect(problems).toHaveLength(1);
      expect(problems[0]).toContain(`policy.yaml:${expected}`);
      if (suggestion === undefined) expect(problems[0]).not.toContain('Did you mean');
      else expect(problems[0]).toContain(`Did you mean "${suggestion}"?`);
    },
  );

  const inWhen = `'"Marketing Editors@staff" in person.groups'`;
  const expressions: ExpressionRow[] = [
    ['unknown field', 'person.typ == "x"', '7:18: A person has no field "typ"', 'type'],
    ['unknown field in has()', 'has(person.departmnt)', '7:22: A person has no field "departmnt"', 'department'],
    ['unknown name', 'user.type == "x"', '7:11: There is nothing called "user"'],
    ['unfinished', 'person.type == ', '7:25: The expression cannot be read'],
    ['a field in brackets', 'person["groups"].exists(g, g == "Nobody@staff")', '7:11: A field is written person.field'],
    ['a person in a list', `'[person].exists(p, "Nobody@staff" in p.groups)'`, '7:13: A field is written person.field'],
    [
      'groups handed on',
      'person.groups.filter(g, g == "Media Admins@staff").size() == 1',
      '7:11: It cannot be told which groups',
    ],
    ['types that do not fit', 'person.type == 3', '7:11: The expression does not fit together'],
    ['no yes or no', 'person.type', '7:11: The expression gives a string; it must be true or false.'],
    ['a method that does not exist', 'person.type.startWith("a")', '7:23: There is no startWith()', 'startsWith'],
    ['regular expression', 'person.login.matches("(a+)+")', '7:24: matches() is not allowed'],
    [
      'nested loops',
      'person.groups.exists(g, ["a@b"].exists(h, g == h))',
      '7:43: exists() within another loop is not allowed',
    ],
    [
      'unknown group in a loop',
      'person.groups.exists(g, g == "Media Admin@staff")',
      '7:40: There is no group "Media Admin@staff"',
      'Media Admins@staff',
    ],
    [
      'unknown group in a list',
      `'["Media Admins@staff", "Nobody@staff"].exists(g, g in person.groups)'`,
      '7:35: There is no group "Nobody@staff"',
    ],
    [
      'a group that cannot be told',
      '(person.department + "@staff") in person.groups',
      '7:12: It cannot be told which group this reads',
    ],
    [
      'groups that cannot be told',
      'person.groups.exists(g, g == person.department)',
      '7:35: It cannot be told which groups this reads',
    ],
    ['groups used in another way', 'size(person.groups) > 3', '7:16: It cannot be told which groups this reads'],
    [
      'too large',
      Array.from({ length: 200 }, () => 'person.type == "x"').join(' || '),
      'The expression cannot be read',
    ],
  ];
  test.each(expressions.map(([name, when, expected, suggestion]) => ({ name, when, expected, suggestion })))(
    'expression: $name',
    ({ when, expected, suggestion }) => {
      const problems = problemsAfter(inWhen, when);
      expect(problems).toHaveLength(1);
      expect(problems[0]).toContain(expected);
      if (suggestion !== undefined) expect(problems[0]).toContain(`Did you mean "${suggestion}"?`);
    },
  );

  test('an expression over several lines: the line of the text, and where in it', () => {
    expect(
      problemsAfter(`when: ${inWhen}`, 'when: |-\n      person.type == "employee"\n      && person.typ == "x"')[0],
    ).toMatch(/^policy\.yaml:7:11: A person has no field "typ".* Near: typ == "x"/);
  });

  test('all mistakes are told at once, in order', () => {
    const problems = problemsAfter(
      'grace: 5 days\nrules:\n  - name: marketing\n    when: \'"Marketing Editors@staff"',
      'grace: 5 dayz\nrules:\n  - name: marketing\n    when: \'"Marketing Editor@staff"',
    );
    expect(problems.map((p) => p.split(': ', 1)[0])).toEqual(['policy.yaml:4:8', 'policy.yaml:7:12']);
  });

  test('a template outside managed', () => {
    const text = GOOD.replace('"iconik:team/*"', '"iconik:team/Marketing"').replace(
      'iconik:team/Marketing ]',
      '"iconik:team/${person.region}" ]',
    );
    const read = readPolicy(text, 'p', CATALOGUE);
    expect('problems' in read && read.problems.map(formatProblem)[0]).toContain(
      '8:14: The rule grants iconik:team/${person.region}, which managed does not cover',
    );
  });

  test('a group read by its beginning must not be granted either', () => {
    const text = GOOD.replace(inWhen, `person.groups.exists(g, g.startsWith("Media "))`).replace(
      'iconik:team/Marketing ]',
      'otds:group/Media Library Users@staff ]',
    );
    const read = readPolicy(text, 'p', CATALOGUE);
    expect('problems' in read && read.problems.map((p) => p.message)).toEqual([
      expect.stringContaining('is read by rule "marketing"'),
    ]);
  });

  test.each(['', '- a', '"text"', 'a: &x [*x, *x]', 'a: *nothing'])('no policy at all: %s', (text) => {
    expect(readPolicy(text, 'p')).toEqual({
      problems: expect.arrayContaining([expect.objectContaining({ file: 'p' })]),
    });
  });

  test('without a catalogue names are checked for their form only', () => {
    expect(readPolicy(GOOD.replace('Marketing Editors@staff', 'Whoever@anywhere'), 'p')).toHaveProperty('policy');
    expect(readPolicy(GOOD.replace('"Marketing Editors@staff"', '"Whoever"'), 'p')).toHaveProperty('problems');
  });
});

describe('what a policy says', () => {
  const read = (text: string) => {
    const result = readPolicy(text, 'p');
    if ('problems' in result) throw new Error(result.problems.map(formatProblem).join('\n'));
    return result.policy;
  };

  test('defaults: privileged rules undo and have no grace, others continue with the general one', () => {
    const [marketing, admin] = read(GOOD).rules;
    expect(marketing).toMatchObject({ onFailure: 'continue', graceMs: 432_000_000 });
    expect(admin).toMatchObject({
      onFailure: 'undo',
      graceMs: 0,
      approval: { group: 'Security Approvers@staff', withinMs: 259_200_000, remindMs: 86_400_000, distinct: true },
    });
  });

  test('the digest follows the meaning, not comments and layout', () => {
    const { digest } = read(GOOD);
    expect(read(`# a comment\n${GOOD.replace('grace: 5 days', 'grace:    5 days   # five')}`).digest).toBe(digest);
    expect(read(GOOD.replace('5 days', '6 days')).digest).not.toBe(digest);
  });

  test('the worked example is good', () => {
    const policy = read(readFileSync(new URL('../../config/policy.yaml', import.meta.url), 'utf8'));
    expect(policy.systems).toEqual(['cloudinary', 'exstream', 'ftp', 'iconik', 'otds', 'push']);
    expect(policy.freeze).toBeUndefined();
  });
});
