/** The oracle must be able to say no: each kind of wrong is planted into the stand-ins, and named. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { startStandIn, type StandIn } from '../../sandbox/common/standIn.ts';
import { iconikStandIn } from '../../sandbox/iconik/standIn.ts';
import { otds } from '../../sandbox/otds/standIn.ts';
import { application, asked, Hr, prepare, type Hire, type Json } from './company.ts';
import { CALLER } from './faults.ts';
import { baseline, judge, type Baseline, type Given } from './oracle.ts';

let directory: StandIn;
let iconik: StandIn;
let hr: Hr;
let from: Baseline;
let ids: Record<string, string>;

const NORA: Hire = {
  login: 'nora.lind',
  partition: 'staff',
  given: 'Nora',
  family: 'Lind',
  mail: 'nora.lind@northwind.example',
};
const ADMIN = 'Media Library Admin';
const controls = () => ({ otds: directory.control, iconik: iconik.control });

beforeAll(async () => {
  directory = await startStandIn(otds(), { port: 0, controlPort: 0 });
  iconik = await startStandIn(iconikStandIn(), { port: 0, controlPort: 0 });
  hr = new Hr(directory.url);
});
afterAll(() => Promise.all([directory.close(), iconik.close()]));

/** Only our person matters: the seed company's people are in no state that the policy asks for. */
const about = async (given: Given[] = []): Promise<string[]> =>
  (await judge(controls(), CALLER, from, given)).filter(
    (wrong) => wrong.includes('nora') || wrong.startsWith('needless'),
  );

beforeEach(async () => {
  await asked(`${iconik.control}/reset`, 'POST', {}, {});
  await prepare(directory.control, iconik.control, 1);
  hr = new Hr(directory.url);
  from = await baseline(controls());
  ids = Object.fromEntries(Object.values(from.iconik.groups).map((g) => [g.name, g.id]));
  await hr.hire(NORA, { type: 'employee', department: 'IT', region: 'EMEA' });
});

/** A call as Tenure makes it. */
function tenure(method: string, path: string, body?: unknown): Promise<Json> {
  const { appId, token } = application(0);
  return asked(`${iconik.url}/API${path}`, method, { 'App-ID': appId, 'Auth-Token': token }, body);
}

async function account(): Promise<string> {
  const made = await tenure('POST', '/users/v1/users/', {
    email: NORA.mail,
    first_name: NORA.given,
    last_name: NORA.family,
    type: 'STANDARD',
  });
  return String(made['id']);
}

const member = (kind: 'teams' | 'role_groups', name: string, user: string, method = 'POST'): Promise<Json> =>
  tenure(method, `/users/v1/${kind}/${ids[name]}/users/${user}/`, method === 'POST' ? {} : undefined);

describe('the oracle names', () => {
  test('nothing where nothing is due and nothing is there', async () => {
    expect(await about()).toEqual([]);
  });

  test('what somebody lacks', async () => {
    await hr.join(NORA, 'Marketing Editors@staff');
    expect(await about()).toEqual([
      expect.stringContaining('nora.lind@staff has no account on iconik and should hold iconik:team/Marketing'),
      expect.stringContaining('lacks otds:group/Media Library Users@staff'),
      expect.stringContaining('lacks otds:accessrole/Access to Media Portal'),
    ]);
  });

  test('what a leaver still holds, and an account left open', async () => {
    await hr.join(NORA, 'Project Aurora@staff');
    await member('teams', 'Project Aurora', await account());
    expect(await about()).toEqual([]);
    await hr.disable(NORA, true);
    expect(await about()).toEqual([
      'nora.lind@staff still holds iconik:team/Project Aurora on iconik',
      'nora.lind@staff is ACTIVE on iconik and should be closed',
    ]);
  });

  test('a needless repeat', async () => {
    await hr.join(NORA, 'Project Aurora@staff');
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

  test('a grant of what nobody demanded, though it was taken back', async () => {
    await hr.join(NORA, 'Project Aurora@staff');
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
    await hr.join(NORA, 'Media Admins@staff');
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
    expect(await judge(controls(), CALLER, from, [])).toEqual(
      expect.arrayContaining(["victor.lang@northwind.example is nobody's and was changed"]),
    );
  });
});

const userOf = (login: string): string =>
  Object.values(from.iconik.users).find((user) => user.email.startsWith(login))?.id ?? '';
