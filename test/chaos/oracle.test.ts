/** The oracle must be able to say no: each kind of wrong is planted into the stand-ins, and named. Here OTDS and iconik; the others in oracleTargets.test.ts. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { asked } from './company.ts';
import type { Given } from './oracle.ts';
import { NORA, OracleBench } from './oracleBench.ts';

const ADMIN = 'Media Library Admin';
let bench: OracleBench;
let ids: Record<string, string>;

beforeAll(async () => {
  bench = await OracleBench.open();
});
afterAll(() => bench.close());
beforeEach(async () => {
  await bench.begin();
  ids = Object.fromEntries(Object.values(bench.from.iconik.groups).map((g) => [g.name, g.id]));
});

async function account(): Promise<string> {
  const made = await bench.iconik('POST', '/users/v1/users/', {
    email: NORA.mail,
    first_name: NORA.given,
    last_name: NORA.family,
    type: 'STANDARD',
  });
  return String(made['id']);
}

const member = (kind: 'teams' | 'role_groups', name: string, user: string, method = 'POST') =>
  bench.iconik(method, `/users/v1/${kind}/${ids[name]}/users/${user}/`, method === 'POST' ? {} : undefined);

/** Everything wrong about Nora there. */
const about = async (given: Given[] = []): Promise<string[]> =>
  (await bench.about(given)).filter((wrong) => /iconik|OTDS|otds:|^needless/.test(wrong));

describe('the oracle names', () => {
  test('nothing where nothing is due and nothing is there', async () => {
    expect(await about()).toEqual([]);
  });

  test('what somebody lacks', async () => {
    await bench.hr.join(NORA, 'Marketing Editors@staff');
    expect(await about()).toEqual([
      expect.stringContaining('lacks otds:group/Media Library Users@staff'),
      expect.stringContaining('lacks otds:accessrole/Access to Media Portal'),
      expect.stringContaining('has no account on iconik and should hold iconik:team/Marketing'),
    ]);
  });

  test('what a leaver still holds, and an account left open', async () => {
    await bench.hr.join(NORA, 'Project Aurora@staff');
    await member('teams', 'Project Aurora', await account());
    expect(await about()).toEqual([]);
    await bench.hr.disable(NORA, true);
    expect(await about()).toEqual([
      'nora.lind@staff still holds iconik:team/Project Aurora on iconik',
      'nora.lind@staff is ACTIVE on iconik and should be closed',
    ]);
  });

  test('a needless repeat', async () => {
    await bench.hr.join(NORA, 'Project Aurora@staff');
    const user = await account();
    await member('teams', 'Project Aurora', user);
    await member('teams', 'Project Aurora', user);
    expect(await about()).toEqual(
      expect.arrayContaining([
        expect.stringContaining('needless repeat'),
        expect.stringContaining('2 times, with 1 reason'),
      ]),
    );
  });

  test('no repeat of a write that nobody could know of: its reply was lost, and the read after it was late', async () => {
    await bench.hr.join(NORA, 'Project Aurora@staff');
    const user = await account();
    const { iconik } = bench.controls;
    const plan = (method: string, fault: object) =>
      asked(`${iconik}/faults`, 'POST', {}, { match: { method }, times: 1, fault });
    const give = () => member('teams', 'Project Aurora', user);
    await plan('POST', { kind: 'lostReply' });
    await expect(give()).rejects.toThrow();
    await plan('GET', { kind: 'stale', ms: 500 });
    await bench.iconik('GET', `/users/v1/users/${user}/`).catch(() => undefined); // the account may not have been there then
    await give();
    expect(await about()).toEqual([]);
    await give();
    expect(await about()).toEqual(expect.arrayContaining([expect.stringContaining('needless repeat')]));
  });

  test('a grant of what nobody demanded, though it was taken back', async () => {
    await bench.hr.join(NORA, 'Project Aurora@staff');
    const user = await account();
    await member('teams', 'Project Aurora', user);
    await member('teams', 'Legal', user);
    await member('teams', 'Legal', user, 'DELETE');
    expect(await about()).toEqual(
      expect.arrayContaining([
        expect.stringContaining('got iconik:team/Legal'),
        expect.stringContaining('before it was ever demanded'),
      ]),
    );
  });

  test('privileged access without a decision, or with the decision of another time', async () => {
    await bench.hr.join(NORA, 'Media Admins@staff');
    const said = (kind: 'demand' | 'approve', demand: number): Given => ({
      who: 'nora.lind@staff',
      kind,
      demand,
      at: new Date().toISOString(),
    });
    const given = [said('demand', 1), said('approve', 1), said('demand', 2)];
    await member('role_groups', ADMIN, await account());
    const wrong = [expect.stringContaining('without an approval for this demand')];
    expect(await about(given)).toEqual(expect.arrayContaining(wrong));
    expect(await about([said('demand', 1)])).toEqual(expect.arrayContaining([expect.stringContaining('still holds')]));
  });

  test('an account that is nobody’s and was changed', async () => {
    await member('teams', 'Marketing', userOf('victor.lang'));
    expect(await bench.judged()).toEqual(
      expect.arrayContaining(["victor.lang@northwind.example is nobody's on iconik and was changed"]),
    );
  });
});

const userOf = (login: string): string =>
  Object.values(bench.from.iconik.users).find((user) => user.email.startsWith(login))?.id ?? '';
