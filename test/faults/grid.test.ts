/**
 * Every step of a grant plan against every kind of fault: what the person can do afterwards is what it was before the
 * step, or the declared parked state, or all that is due; never anything else. When the fault is gone one more pass reaches what is due, and nothing
 * was made twice.
 */
import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { roleGroupId, teamId } from '../../sandbox/iconik/seedGroups.ts';
import { openSite, type Request, type Site } from '../support/site.ts';

/** Collections hold nothing here; without them a read is a few requests. */
const withoutCollections = (yaml: string): string => yaml.replace('  - iconik:collection/**\n', '');

let site: Site;
let n = 0;
let who = '';
beforeAll(async () => {
  site = await openSite({ people: 3, policy: withoutCollections });
});
afterAll(() => site.close());
beforeEach(async () => {
  await clearFaults();
  await site.freshQuota();
  who = `joiner${++n}@staff`;
  const names = { displayName: `Joiner ${n}`, givenName: 'Joiner', sn: String(n), mail: mail() };
  const work = { oTExtraAttr0: 'employee', oTExtraAttr3: 'EMEA', oTDepartment: 'Marketing' };
  await site.hr.hire(who, { ...names, ...work }, ['Marketing Editors@staff']);
  await site.resolve(who);
  await site.writes('iconik');
  await site.writes('otds');
});

const mail = (): string => `joiner${n}@northwind.example`;
type System = 'iconik' | 'otds';
type Fault = Record<string, unknown>;

const clearFaults = async (): Promise<void> => {
  await site.iconik.control('DELETE', '/faults');
  await site.otds.control('DELETE', '/faults');
};
const plan = (system: System, match: Fault, fault: Fault, times?: number) =>
  site[system].control('POST', '/faults', { match, fault, ...(times !== undefined && { times }) });

/** What the person can do there. The fallback team carries no access, nor does being somebody's primary team. */
async function access(system: System): Promise<string[]> {
  if (system === 'otds') {
    const { groups, accessRoles } = await site.inOtds(who);
    return [...groups.filter((g) => g.startsWith('Media')), ...accessRoles].sort();
  }
  const [user, ...others] = await site.onIconik(mail());
  expect(others).toEqual([]);
  if (!user) return [];
  const teams = user.teams.filter((team) => team !== 'Former Members');
  return [`user ${user.status}`, ...user.roles, ...teams].sort();
}

/** In the order of the plan: what it grants, and by which request. `part`: a request that grants nothing by itself. */
type Step = { system: System; name: string; match: Fault; grants: string; part?: true };
const users = '/API/users/v1/users/';
const STEPS: Step[] = [
  { system: 'iconik', name: 'the user', match: { method: 'POST', path: users }, grants: 'user ACTIVE' },
  {
    system: 'iconik',
    name: 'the role group',
    match: { method: 'POST', path: `/API/users/v1/role_groups/${roleGroupId('Reviewer')}/*` },
    grants: 'Reviewer',
  },
  ...['Marketing', 'Marketing EMEA'].map((team): Step => ({
    system: 'iconik',
    name: `team ${team}`,
    match: { method: 'POST', path: `/API/users/v1/teams/${teamId(team)}/*` },
    grants: team,
  })),
  {
    system: 'otds',
    name: 'the access role',
    match: { method: 'POST', path: '*/accessroles/*/members' },
    grants: 'Access to Media Portal',
  },
  {
    system: 'otds',
    name: 'the group',
    match: { method: 'POST', path: '*/users/*/memberof' },
    grants: 'Media Library Users@staff',
  },
];
const PRIMARY: Step = {
  system: 'iconik',
  name: 'the primary team',
  match: { method: 'PATCH', path: `${users}*` },
  grants: 'Marketing',
  part: true,
};
const due = (system: System): string[] =>
  STEPS.filter((s) => s.system === system)
    .map((s) => s.grants)
    .sort();
const before = (step: Step): string[] => {
  const all = STEPS.filter((s) => s.system === step.system);
  const done = all.slice(0, all.findIndex((s) => s.grants === step.grants) + (step.part ? 1 : 0));
  return done.map((s) => s.grants).sort();
};
const parked = (step: Step): string[] =>
  step.grants === 'user ACTIVE' ? [] : due(step.system).filter((grant) => grant !== step.grants);

type After = 'due' | 'before' | 'parked';
const status = (code: number): Fault => ({ kind: 'status', status: code });
/** Kind of fault, and what the one pass that meets it leaves. */
const KINDS: [name: string, fault: Fault, after: (step: Step) => After][] = [
  ['400', status(400), refusedForGood],
  ['403', status(403), refusedForGood],
  ['404', status(404), refusedForGood],
  // iconik: somebody else was faster, look again. Creating: that e-mail is somebody's.
  [
    '409',
    status(409),
    (s) => (s.system === 'iconik' && !s.part && s.name !== 'the user' ? 'before' : refusedForGood(s)),
  ],
  ['429', status(429), () => 'before'],
  ['500', status(500), () => 'due'],
  ['503', status(503), () => 'due'],
  ['delay', { kind: 'delay', ms: 60 }, () => 'due'],
  ['reset', { kind: 'reset' }, () => 'due'],
  ['lostReply', { kind: 'lostReply' }, () => 'due'],
  ['html 200', { kind: 'html', status: 200 }, () => 'due'],
  ['html 502', { kind: 'html', status: 502 }, () => 'due'],
  ['truncate', { kind: 'truncate', bytes: 5 }, () => 'due'],
];
/** The rules of the example say `continue`; a primary team that is refused is no reason to take a team back. */
function refusedForGood(step: Step): After {
  return step.part ? 'due' : 'parked';
}

const effects = (requests: Request[]) => requests.flatMap((r) => r.writes);

async function onePass(step: Step, fault: Fault, after: After): Promise<void> {
  const { system } = step;
  await plan(system, step.match, fault, 1);
  await site.converge(who, system).catch(retryableOnly);
  const [planned] = (await site[system].control('GET', '/faults'))['faults'] as { applied: number }[];
  expect(planned?.applied).toBe(1);
  const expected = { due: due(system), before: before(step), parked: parked(step) }[after];
  expect(await access(system)).toEqual(expected);

  await clearFaults();
  await site.outlive();
  await site.converge(who, system);
  expect(await access(system)).toEqual(due(system));
  expect(await site.unproved(who)).not.toContain(system);
  const requests = await site.writes(system);
  expect(effects(requests).filter((w) => isDeepStrictEqual(w.before, w.after))).toEqual([]);
  expect(effects(requests).length).toBe(expectedEffects[system]);
}

/** Whoever calls a converge sees an error only where trying again can help. */
function retryableOnly(error: unknown): void {
  expect(error).toMatchObject({ retryable: true, code: expect.stringMatching(/^[A-Z_]+$/) });
}

const expectedEffects: Record<System, number> = { iconik: 0, otds: 0 };

describe('without faults', () => {
  test('each change is made once', async () => {
    for (const system of ['iconik', 'otds'] as const) {
      expect(await site.converge(who, system)).toMatchObject({ state: 'proved' });
      expect(await access(system)).toEqual(due(system));
      expectedEffects[system] = effects(await site.writes(system)).length;
    }
    expect(expectedEffects.otds).toBe(2);
  });
});

describe.each([...STEPS, PRIMARY])('at $system, $name', (step) => {
  test.each(KINDS)('%s', (_kind, fault, after) => onePass(step, fault, after(step)));
});

describe('no answer at all', () => {
  beforeAll(() => site.reset({ people: 3, policy: withoutCollections, requestMs: 400 }));
  test.each([...STEPS, PRIMARY])('at $system, $name', (step) => onePass(step, { kind: 'hang' }, 'due'));
});
