/** As oracle.test.ts, for Cloudinary, Exstream, partners' lists and push. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { findDaemon, withDaemon } from '../support/daemons.ts';
import { asked } from './company.ts';
import { NORA, OracleBench, WHO } from './oracleBench.ts';

let bench: OracleBench;
beforeAll(async () => {
  bench = await OracleBench.open();
});
afterAll(() => bench.close());
beforeEach(() => bench.begin());

const MARKETING = 'Marketing Editors@staff';
/** Everything wrong about Nora on that system. */
const about = async (system: RegExp): Promise<string[]> => (await bench.about()).filter((wrong) => system.test(wrong));
const some = (...parts: string[]) => expect.arrayContaining(parts.map((part) => expect.stringContaining(part)));

describe('on Cloudinary the oracle names', () => {
  const on = /cloudinary/i;
  const { groups, environments } = {
    groups: (name: string) => Object.values(bench.from.cloudinary.groups).find((g) => g.name === name)?.id ?? '',
    environments: (cloud: string) =>
      Object.values(bench.from.cloudinary.environments).find((env) => env.cloud_name === cloud)?.id ?? '',
  };
  /** An account in these environments. */
  const account = async (...clouds: string[]): Promise<string> => {
    const user = { name: 'Nora Lind', email: NORA.mail, role: 'media_library_user' };
    return String(
      (await bench.cloudinary('POST', '/users', { ...user, sub_account_ids: clouds.map(environments) }))['id'],
    );
  };
  const member = (group: string, user: string, method = 'POST') =>
    bench.cloudinary(method, `/user_groups/${groups(group)}/users/${user}`);
  const due = async (): Promise<string> => {
    await bench.hr.join(NORA, MARKETING);
    const user = await account('northwind');
    await member('Marketing', user);
    return user;
  };

  test('nothing where exactly what is due is there', async () => {
    await due();
    expect(await about(on)).toEqual([]);
  });

  test('who has no account, and what somebody lacks', async () => {
    await bench.hr.join(NORA, MARKETING);
    expect(await about(on)).toEqual([
      `${WHO} has no account on Cloudinary and should hold cloudinary:group/Marketing, cloudinary:environment/northwind`,
    ]);
    await account('northwind-archive');
    expect(await about(on)).toEqual([
      `${WHO} lacks cloudinary:group/Marketing on Cloudinary`,
      `${WHO} lacks cloudinary:environment/northwind on Cloudinary`,
    ]);
  });

  test('what a leaver still holds, and an account left open', async () => {
    await due();
    await bench.hr.disable(NORA, true);
    expect(await about(on)).toEqual([
      `${WHO} still holds cloudinary:group/Marketing on Cloudinary`,
      `${WHO} still holds cloudinary:environment/northwind on Cloudinary`,
      `${WHO} is enabled on Cloudinary and should be closed`,
    ]);
  });

  test('somebody who may enter every environment', async () => {
    const user = await due();
    await bench.cloudinary('PUT', `/users/${user}`, { sub_account_ids: [] });
    expect(await bench.about()).toEqual(some(`${WHO} may enter every environment`, 'beyond what anybody demanded'));
  });

  test('a role on a folder that is not due, and a wrong name', async () => {
    const user = await due();
    const folder = Object.entries(bench.from.cloudinary.folders).find(([, { path }]) => path === 'Legal/Rights')?.[0];
    const role = {
      id: 'cld::role::folder::editor',
      scope_id: environments('northwind'),
      policy_parameters: { folder_id: folder },
    };
    const principal = { type: 'user', id: user };
    await bench.cloudinary('PUT', '/principal_roles', { operation: 'add', principal, roles: [role] }, true);
    await bench.cloudinary('PUT', `/users/${user}`, { name: 'Somebody' });
    expect(await about(on)).toEqual(
      some(
        'still holds cloudinary:folder/Legal/Rights#editor@northwind',
        'name is "Somebody" on Cloudinary',
        'got cloudinary:folder/Legal/Rights#editor@northwind (entry',
      ),
    );
  });

  test('a needless repeat, and what was given though nobody demanded it and taken back', async () => {
    const user = await due();
    await member('Marketing', user);
    await member('Legal', user);
    await member('Legal', user, 'DELETE');
    await bench.cloudinary('PUT', `/users/${user}`, { enabled: false });
    expect(await bench.about()).toEqual(
      some(
        'needless repeat',
        'got cloudinary:group/Legal',
        'got cloudinary:group/Marketing 2 times, with 1 reason',
        'is disabled on Cloudinary and should not be',
      ),
    );
  });

  test('a second account, one that nobody is due, and one that was deleted', async () => {
    const user = await account('northwind-archive');
    await bench.cloudinary('DELETE', `/users/${user}`);
    expect((await bench.about()).filter((wrong) => wrong.startsWith('beyond'))).toHaveLength(2);
  });

  test('an account that is nobody’s and was changed', async () => {
    const victor = Object.values(bench.from.cloudinary.users).find(({ email }) => email.startsWith('victor.lang'));
    await bench.cloudinary('PUT', `/users/${victor?.id}`, { enabled: false });
    expect(await bench.judged()).toEqual(
      some("victor.lang@northwind.example is nobody's on Cloudinary and was changed"),
    );
  });
});

describe('on Exstream the oracle names', () => {
  const on = /exstream/i;
  const letIn = async (): Promise<void> => {
    const { location } = await bench.otds('GET', `/users/${WHO}`);
    await bench.otds('POST', '/accessroles/Access%20to%20Exstream/members', { users: [{ name: WHO, location }] });
  };
  const joins = (group: string) => bench.otds('POST', `/users/${WHO}/memberof`, { stringList: [group] });
  const row = (group: string, roleName: string, domain: string) =>
    bench.exstream('POST', '/group-roles', { group, roleName, domain: { id: domain } });

  test('who lacks a right and is not let in, and nothing once both are there', async () => {
    await bench.hr.join(NORA, MARKETING);
    expect(await about(on)).toEqual([
      `${WHO} lacks exstream:role/commdesigner@Development on Exstream`,
      `${WHO} is not let into Exstream and should be`,
    ]);
    await joins('Designers@exstream.role');
    await letIn();
    expect(await about(on)).toEqual([]);
  });

  test('membership of a group that has no role, until it is given one', async () => {
    await bench.hr.join(NORA, 'Legal Review@staff');
    await joins('Reviewers@exstream.role');
    await letIn();
    expect(await about(on)).toEqual([`${WHO} lacks exstream:role/reviewer@Production on Exstream`]);
    await row('Reviewers@exstream.role', 'reviewer', 'Production');
    expect(await about(on)).toEqual([]);
  });

  test('a leaver who still is let in and holds a right', async () => {
    await bench.hr.join(NORA, MARKETING);
    await joins('Designers@exstream.role');
    await letIn();
    await bench.hr.disable(NORA, true);
    expect(await about(on)).toEqual([
      `${WHO} still holds exstream:role/commdesigner@Development on Exstream`,
      `${WHO} is let into Exstream and should not be`,
    ]);
  });

  test('rights and doors that were given before they were ever demanded', async () => {
    await joins('Designers@exstream.role');
    await letIn();
    expect(await about(on)).toEqual(
      some('got exstream:role/commdesigner@Development (entry', 'got exstream:account (entry'),
    );
  });

  test('a role that another group is given, or a group twice', async () => {
    await row('Reviewers@exstream.role', 'reviewer', 'Production');
    await row('Legal Review@staff', 'reviewer', 'Production');
    expect((await bench.about()).filter((wrong) => /^beyond.*groupRole/u.test(wrong))).toEqual([
      expect.stringContaining('legal review@staff'),
    ]);
    await row('Reviewers@exstream.role', 'reviewer', 'Production');
    expect(await bench.about()).toEqual(some('needless repeat'));
  });
});

describe('on partners’ lists the oracle names', () => {
  const it = withDaemon(findDaemon('proftpd'));
  const on = /list/;
  const MINE = `${NORA.mail};${WHO};${NORA.login}`;
  const due = (): Promise<void> => bench.hr.join(NORA, 'Project Aurora@staff');

  it('who is missing, and nothing once they are on it', async () => {
    await due();
    expect(await about(on)).toEqual([`${WHO} lacks ftp:list/globex on partner lists`]);
    await bench.list('globex', MINE);
    expect(await about(on)).toEqual([]);
  });

  it('a leaver who is still on a list', async () => {
    await due();
    await bench.list('globex', MINE);
    await bench.hr.disable(NORA, true);
    expect(await about(on)).toEqual([`${WHO} still holds ftp:list/globex on partner lists`]);
  });

  it('somebody who was on a list without being due, though taken off again', async () => {
    await bench.list('acme', `${WHO},${NORA.mail},${NORA.login},`);
    await bench.list('acme');
    expect(await about(on)).toEqual(some('got ftp:list/acme (entry', 'got ftp:list/acme 1 times, with 0 reasons'));
  });

  it('two rows of one person, wrong cells, a row of nobody', async () => {
    await due();
    await bench.list('globex', MINE, `somebody@else.example;${WHO};${NORA.login}`);
    expect(await about(on)).toEqual(some('stands twice on the list of globex', 'somebody@else.example'));
    await bench.list('globex', MINE, 'x@x.example;nobody@nowhere;x');
    expect(await bench.judged()).toEqual(some('nobody@nowhere is on the list of globex and is nobody'));
  });

  it('a partner’s own row that is gone', async () => {
    await bench.publish('globex', 'mail;user;name\n');
    expect(await about(on)).toEqual(some('the list of globex lost what is not ours'));
  });

  it('a list that was published again as it was', async () => {
    await bench.list('globex');
    expect(await bench.about()).toEqual([expect.stringContaining('needless repeat')]);
  });
});

describe('of devices the oracle names', () => {
  const given = () => [{ who: WHO, kind: 'device' as const, at: new Date().toISOString() }];
  /** A notice on Nora's phone. */
  const told = async (received: string): Promise<void> => {
    const state = await asked(`${bench.controls.fcm}/state`, 'GET');
    const phones = { nora: { token: 'nora', user: WHO, inbox: [{ id: '1', nid: '1', received, shown: true }] } };
    await asked(`${bench.controls.fcm}/state`, 'PUT', {}, { ...state, effects: undefined, phones });
  };

  test('those of a leaver, and nothing once they are forgotten', async () => {
    bench.devices = { [await bench.hr.uuid(NORA)]: 1 };
    expect(await bench.about(given())).toEqual([]);
    await bench.hr.disable(NORA, true);
    expect(await bench.about(given())).toEqual([`${WHO} left, and 1 devices of theirs are still registered`]);
    bench.devices = {};
    expect(await bench.about(given())).toEqual([]);
  });

  test('those of somebody who never left, forgotten', async () => {
    expect(await bench.about(given())).toEqual([`${WHO} never left, registered 1 devices and has 0`]);
  });

  test('a notice to somebody who had left long before', async () => {
    await bench.hr.disable(NORA, true);
    await told(new Date(Date.now() + 10_000).toISOString());
    expect(await bench.about()).toEqual([]);
    await told(new Date(Date.now() + 60_000).toISOString());
    expect(await bench.about()).toEqual([expect.stringContaining('had left, and was told something')]);
  });
});
