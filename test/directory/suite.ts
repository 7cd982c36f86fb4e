/** What every directory promises (`Directory` in `src/systems/port.ts`): one suite, each directory brings a bench. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { company, refOf } from '../../sandbox/company.ts';
import type { Person } from '../../src/domain/person.ts';
import { SystemError } from '../../src/systems/errors.ts';
import type { Directory } from '../../src/systems/port.ts';
import type { DirectoryBench } from './bench.ts';

const call = { signal: new AbortController().signal };
const small = { pageSize: 7 };

export async function everybody(directory: Pick<Directory, 'people'>): Promise<Person[]> {
  const found: Person[] = [];
  for await (const page of directory.people(call)) found.push(...page);
  return found;
}

/** The error of a call that must fail. */
export async function failure(promise: Promise<unknown>): Promise<SystemError> {
  const error = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof SystemError)) throw new Error(`no SystemError: ${String(error)}`);
  return error;
}

const whos = (people: readonly { who: string }[]): string[] => people.map(({ who }) => who);

/** Runs the suite; where the directory cannot be started (`missing`) its cases are skipped under names that say why. */
export function directorySuite(name: string, found: (() => Promise<DirectoryBench>) | { missing: string }): void {
  if (typeof found !== 'function') {
    test.skip(`${name} as a directory (skipped: ${found.missing})`, () => undefined);
    return;
  }
  let bench: DirectoryBench;
  const one = async (who: string, directory = bench.directory()): Promise<Person> => {
    const person = await directory.person(who, call);
    if (!person) throw new Error(`the directory has no ${who}`);
    return person;
  };
  beforeAll(async () => {
    bench = await found();
  });
  beforeEach(() => bench.reset());
  afterAll(() => bench.close());

  describe('one person', () => {
    test('with fields, dates, manager and effective groups, direct and nested', async () => {
      const ada = await one('ada.byrne@staff');
      expect(ada).toMatchObject({
        who: 'ada.byrne@staff',
        login: 'ada.byrne',
        partition: 'staff',
        state: 'active',
        type: 'employee',
        groups: ['All Staff@staff', 'Dept Marketing@staff', 'Marketing Editors@staff'],
        manager: 'grace.lee@staff',
        startAt: '2023-03-01T00:00:00.000Z',
        fields: {
          region: 'EMEA',
          unit: 'Brand',
          department: 'Marketing',
          language: 'en',
          email: 'ada.byrne@northwind.example',
          manager: 'grace.lee@staff',
        },
        attributes: { givenName: 'Ada', sn: 'Byrne' },
      });
      expect(ada.endAt).toBeUndefined();
    });

    test('by login in any case as the directory spells it, and by uuid', async () => {
      const ada = await one('ada.byrne@staff');
      expect(await one('ADA.Byrne@Staff')).toEqual(ada);
      expect(await one(ada.uuid)).toEqual(ada);
      expect(await one(ada.uuid.toUpperCase())).toEqual(ada);
    });

    test('one who ends has the instant: a bare date counts whole', async () => {
      expect((await one('lena.fischer@contractors')).endAt).toBe('2027-04-01T00:00:00.000Z');
      expect((await one('bruno.keller@contractors')).endAt).toBe('2027-06-30T15:00:00.000Z');
    });

    test('disabled, in the directory from the beginning or just now', async () => {
      expect((await one('tom.weber@staff')).state).toBe('disabled');
      await bench.disable('ada.byrne@staff');
      expect((await one('ada.byrne@staff')).state).toBe('disabled');
    });

    test('namesakes of two partitions are two people', async () => {
      const [staff, agency] = [await one('sam.reyes@staff'), await one('sam.reyes@contractors')];
      expect(staff.uuid).not.toBe(agency.uuid);
      expect([staff.type, agency.type]).toEqual(['employee', 'contractor']);
    });

    test.each([
      'nobody@staff',
      'ada.byrne@elsewhere',
      'ada.byrne',
      'ivy@acme',
      '@staff',
      '*@staff',
      '*)(cn=*@staff',
      '00000000-0000-4000-a000-000000000000',
    ])('%s: nobody', async (who) => {
      expect(await bench.directory().person(who, call)).toBeUndefined();
    });
  });

  describe('hostile characters', () => {
    test.each([
      'søren',
      'ivy@acme',
      "o'neill",
      'a/b',
      'back\\slash',
      'x,ou=y',
      'plus+equals=quote"',
      '#hash;<angle>',
      '*)(uid=*',
      'q?#&%2F',
      'ünï cödé 漢字 😀',
      '..',
      '{"$ne":null}',
      '__proto__',
    ])('login and group %j', async (name) => {
      await bench.hire(`${name}@staff`);
      await bench.makeGroup(`${name}@staff`, [`${name}@staff`]);
      const found = await one(`${name}@staff`);
      expect(found).toMatchObject({ login: name, groups: [`${name}@staff`] });
      expect(whos(await bench.directory().membersOf(`${name}@staff`, call))).toEqual([`${name}@staff`]);
      expect(await bench.directory().groups(call)).toContain(`${name}@staff`);
      expect((await everybody(bench.directory())).find(({ uuid }) => uuid === found.uuid)).toEqual(found);
    });
  });

  describe('everybody', () => {
    test('the same as one by one, in small pages too, each once', async () => {
      const all = await everybody(bench.directory(small));
      expect(whos(all).sort()).toEqual(company.people.map(refOf).sort());
      expect(new Set(all.map(({ uuid }) => uuid)).size).toBe(all.length);
      for (const who of ['ada.byrne@staff', 'sam.reyes@contractors', 'femi.adeyemi@field', 'tom.weber@staff'])
        expect(all.find((person) => person.who === who)).toEqual(await one(who));
      expect(await everybody(bench.directory())).toHaveLength(all.length);
    });

    test('a scan that breaks ends with a retryable error: nothing follows from who is missing', async () => {
      await bench.cutScans();
      expect(await failure(everybody(bench.directory(small)))).toMatchObject({ retryable: true });
    });

    test('whoever is gone is missing from the next complete scan, and only they', async () => {
      const directory = bench.directory();
      const before = whos(await everybody(directory));
      await bench.remove('yuki.tanaka@staff');
      expect(await directory.person('yuki.tanaka@staff', call)).toBeUndefined();
      const after = new Set(whos(await everybody(directory)));
      expect(before.filter((who) => !after.has(who))).toEqual(['yuki.tanaka@staff']);
    });

    test('a consumer that stops early leaves the directory usable', async () => {
      const directory = bench.directory(small);
      for await (const page of directory.people(call)) {
        expect(page.length).toBeGreaterThan(0);
        break;
      }
      expect(await everybody(directory)).toHaveLength(company.people.length);
    });
  });

  describe('groups', () => {
    test('names of all, sorted', async () => {
      const names = company.groups.map((group) => `${group.name}@${group.partition}`).sort();
      expect(await bench.directory(small).groups(call)).toEqual(names);
    });

    test('members direct and nested who are active now', async () => {
      const members = async (group: string, now: string) => whos(await bench.directory({ now }).membersOf(group, call));
      expect(await members('Security Approvers@staff', '2026-03-01T00:00:00Z')).toEqual([
        'grace.lee@staff',
        'omar.haddad@staff',
      ]);
      expect(await members('All Staff@staff', '2026-03-01T00:00:00Z')).toContain('ada.byrne@staff');
      expect(await members('Post Production@staff', '2026-03-01T00:00:00Z')).not.toContain('tom.weber@staff');
      expect(await members('Agency Editors@contractors', '2027-03-31T23:59:59Z')).toContain('lena.fischer@contractors');
      const after = await members('Agency Editors@contractors', '2027-04-01T00:00:00Z');
      expect(after).not.toContain('lena.fischer@contractors');
      expect(await members('Agency Editors@contractors', '2026-01-31T23:59:59Z')).toEqual([]);
    });

    test('an unknown group is an error, and so is one in other letters', async () => {
      for (const group of ['No Such@staff', 'post production@staff', 'Post Production@contractors', 'Post Production'])
        expect(await failure(bench.directory().membersOf(group, call))).toMatchObject({
          code: expect.stringMatching(/_NOT_FOUND$/),
          retryable: false,
        });
    });
  });

  describe('change detection', () => {
    /** Uuids of everybody whose person differs between two scans. */
    const differing = (before: readonly Person[], after: readonly Person[]): string[] => {
      const as = new Map(before.map((person) => [person.uuid, JSON.stringify(person)]));
      return after.filter((person) => as.get(person.uuid) !== JSON.stringify(person)).map(({ who }) => who);
    };

    test.each<[string, () => Promise<void>]>([
      ['an attribute', () => bench.department('ada.byrne@staff', 'Legal')],
      ['a membership gained', () => bench.join('ada.byrne@staff', 'Project Aurora@staff')],
      ['a membership lost', () => bench.leave('ada.byrne@staff', 'Marketing Editors@staff')],
      ['a nested membership lost', () => bench.leave('ada.byrne@staff', 'Dept Marketing@staff')],
      ['disabled', () => bench.disable('ada.byrne@staff')],
      ['somebody new', () => bench.hire('ada.new@staff')],
    ])('%s shows in the next scan, and nothing else does', async (_name, edit) => {
      const directory = bench.directory(small);
      const before = await everybody(directory);
      await edit();
      const changed = differing(before, await everybody(directory));
      expect(changed).toHaveLength(1);
      expect(changed[0]).toMatch(/^ada\./);
    });

    test('where stamps are offered: who changed since, and everybody where nobody can say', async () => {
      const directory = bench.directory();
      if (!directory.changes) return;
      const first = await directory.changes(undefined, call);
      expect(first.people).toBe('everybody');
      await bench.department('ada.byrne@staff', 'Legal');
      const second = await directory.changes(first.watermark, call);
      expect(second.people).not.toBe('everybody');
      expect((second.people as readonly Person[]).find(({ who }) => who === 'ada.byrne@staff')).toEqual(
        await one('ada.byrne@staff'),
      );
      await bench.join('ada.byrne@staff', 'Project Aurora@staff');
      expect((await directory.changes(second.watermark, call)).people).toBe('everybody');
      expect((await directory.changes('something else', call)).people).toBe('everybody');
    });
  });

  describe('when something is wrong', () => {
    test('an end date that nobody can read is handed on as it stands, and such a person is not active', async () => {
      const text = await bench.unreadableEnd('ben.otto@staff');
      expect((await one('ben.otto@staff')).endAt).toBe(text);
      expect(whos(await bench.directory().membersOf('Post Production@staff', call))).not.toContain('ben.otto@staff');
    });

    test('nobody listens: retryable, and probe says so instead of throwing', async () => {
      const nowhere = await bench.nowhere();
      expect(await failure(nowhere.person('ada.byrne@staff', call))).toMatchObject({ retryable: true });
      const probe = await nowhere.probe(call);
      expect(probe).toMatchObject({ reachable: false, credentials: false });
      expect(probe.problems).not.toEqual([]);
    });

    test('a wrong password is told as such, with the time of the next try', async () => {
      const wrong = bench.directory({ password: 'wrong' });
      const error = await failure(wrong.person('ada.byrne@staff', call));
      expect(error).toMatchObject({ code: expect.stringMatching(/_LOGIN_REFUSED$/), retryable: true });
      expect(Date.parse(error.retryAt ?? '')).toBeGreaterThan(Date.now());
      expect(await wrong.probe(call)).toMatchObject({ reachable: true, credentials: false });
    });

    test('no answer is given up at the limit', async () => {
      await bench.fallSilent();
      const error = await failure(bench.directory({ requestMs: 200 }).person('ada.byrne@staff', call));
      expect(error).toMatchObject({ code: expect.stringMatching(/_TIMEOUT$/), retryable: true });
    });

    test('a cancelled call ends at once, in every operation', async () => {
      await bench.fallSilent();
      const directory = bench.directory();
      const calls: ((call: { signal: AbortSignal }) => Promise<unknown>)[] = [
        (c) => directory.person('ada.byrne@staff', c),
        (c) => directory.membersOf('Post Production@staff', c),
        (c) => directory.groups(c),
        async (c) => {
          for await (const page of directory.people(c)) expect(page).toEqual([]);
        },
      ];
      for (const ask of calls) {
        const stop = new AbortController();
        const asked = failure(ask({ signal: stop.signal }));
        setImmediate(() => stop.abort());
        expect(await asked).toMatchObject({ code: expect.stringMatching(/_ABORTED$/), retryable: true });
      }
    });

    test('a call cancelled before it began asks nothing', async () => {
      const error = await failure(bench.directory().groups({ signal: AbortSignal.abort() }));
      expect(error.code).toMatch(/_ABORTED$/);
    });

    test('no secret and nothing of the server in any error', async () => {
      const errors: SystemError[] = [
        await failure(bench.directory({ password: 'wrong' }).groups(call)),
        await failure((await bench.nowhere()).groups(call)),
        await failure(bench.directory().membersOf('No Such@staff', call)),
      ];
      await bench.cutScans();
      errors.push(await failure(everybody(bench.directory(small))));
      await bench.reset();
      await bench.fallSilent();
      errors.push(await failure(bench.directory({ requestMs: 200 }).groups(call)));
      for (const error of errors) {
        const text = `${error.stack} ${JSON.stringify(error)}`;
        for (const secret of bench.secrets) expect(text).not.toContain(secret);
        expect(error.cause).toBeUndefined();
      }
    });
  });

  test('probe of a directory in order finds nothing to mend', async () => {
    expect(await bench.directory().probe(call)).toMatchObject({ reachable: true, credentials: true, problems: [] });
  });
}
