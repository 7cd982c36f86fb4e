import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { call, mail, startCloudinaryBench, type CloudinaryBench } from '../../../test/support/cloudinaryStandIn.ts';
import type { Listed, Target } from '../port.ts';

let bench: CloudinaryBench;
beforeAll(async () => void (bench = await startCloudinaryBench()));
beforeEach(async () => await bench.reset());
afterAll(async () => await bench.close());

async function everybody(target: Target): Promise<Listed[]> {
  const found: Listed[] = [];
  let page: string | undefined;
  do {
    const { items, next } = await target.list(page, ['cloudinary:**'], call);
    found.push(...items);
    page = next;
  } while (page !== undefined);
  return found;
}
const users = async () => Object.values((await bench.state()).users);

describe('the list of everybody', () => {
  test('shows of each what a read shows but warnings and keys', async () => {
    for (const { nativeId, actual } of await everybody(bench.system.target)) {
      const { warnings: _, checked: __, held, ...read } = await bench.read(nativeId);
      expect(actual).toEqual({ ...read, held, warnings: [] });
    }
  });

  test('takes one call per page of users and a handful per pass, however many there are', async () => {
    await bench.control('POST', '/reset', { people: 1_200 });
    await bench.choose('accountPerHour', 1_000_000);
    await bench.requests();
    const { target } = bench.client();
    expect(await everybody(target)).toHaveLength((await users()).length);
    const calls = (await bench.requests()).map(({ path }) => path.replace(/^.*\//, ''));
    expect(calls.filter((name) => name === 'users')).toHaveLength(Math.floor((await users()).length / 500) + 1);
    expect(calls.filter((name) => name !== 'users').sort()).toEqual(
      ['user_groups', 'inspect', 'inspect', 'sub_accounts', 'search'].sort(),
    );
  });

  test('misses nobody where the last page is full, or there are many', async () => {
    const count = (await users()).length;
    for (const size of [4, count]) {
      const { target } = bench.client({ choices: { usersPerPage: size } });
      const all = await everybody(target);
      expect(new Set(all.map(({ nativeId }) => nativeId)).size).toBe(count);
    }
  });

  test('goes on after a first page that is smaller than was asked for: Cloudinary may have its own idea of a page', async () => {
    const [ben] = (await users()).filter(({ email }) => email === mail('ben.otto'));
    await bench.fault({
      match: { method: 'GET', path: '*/users' },
      times: 1,
      fault: { kind: 'status', status: 200, body: { users: [ben] } },
    });
    expect(await bench.client().target.list(undefined, [], call)).toMatchObject({
      items: [{ label: mail('ben.otto') }],
      next: expect.any(String),
    });
  });

  test('goes on where a later page comes to a client that has not seen the first', async () => {
    const { next } = await bench.client({ choices: { usersPerPage: 4 } }).target.list(undefined, [], call);
    const { items } = await bench.client({ choices: { usersPerPage: 4 } }).target.list(next, [], call);
    expect(items).toHaveLength(4);
    const ben = items.find(({ label }) => label === mail('ben.otto'));
    expect(ben?.actual.held.map(({ key }) => key)).toContain('cloudinary:group/Post Production');
    expect(ben?.keys).toEqual({ email: mail('ben.otto') });
  });
});
