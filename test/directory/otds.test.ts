import { freePort } from '../support/daemons.ts';
import { Hr } from '../support/hr.ts';
import { OTDS_CLIENT_SECRET, OTDS_PASSWORD, startOtdsBench } from '../support/otdsStandIn.ts';
import type { DirectoryBench } from './bench.ts';
import { directorySuite } from './suite.ts';

async function otdsDirectory(): Promise<DirectoryBench> {
  const bench = await startOtdsBench();
  const hr = new Hr(bench);
  const split = (name: string) => ({
    name: name.slice(0, name.lastIndexOf('@')),
    userPartitionID: name.slice(name.lastIndexOf('@') + 1),
  });
  /** By DN, which every name has: some cannot stand in an address. */
  const location = async (kind: 'users' | 'groups', key: string): Promise<string> => {
    const { name, userPartitionID } = split(key);
    const page = await bench.admin('GET', `/${kind}?where_partition_name=${userPartitionID}&page_size=1000`);
    const found = (page[kind] as { name: string; location: string }[]).find((object) => object.name === name); // the contract's page
    if (!found) throw new Error(`OTDS has no ${key}`);
    return found.location;
  };
  const members = async (who: string, group: string, deletion = ''): Promise<void> => {
    const user = encodeURIComponent(await location('users', who));
    await bench.admin('POST', `/users/${user}/memberof${deletion}`, { stringList: [await location('groups', group)] });
  };
  return {
    directory({ pageSize, now, requestMs, password } = {}) {
      const limits = { ...bench.config.limits, ...(requestMs !== undefined && { requestMs }) };
      return bench.client(
        { limits },
        {
          ...(pageSize !== undefined && { choices: { pageSize } }),
          ...(now !== undefined && { now: () => Date.parse(now) }),
          ...(password === 'wrong' && { secret: () => 'wrong-S3cret' }),
        },
      ).directory;
    },
    nowhere: async () => bench.client({ url: `http://127.0.0.1:${await freePort()}/otdsws` }).directory,
    hire: async (who) => void (await bench.admin('POST', '/users', split(who))),
    async makeGroup(group, who) {
      await bench.admin('POST', '/groups', split(group));
      for (const one of who) await members(one, group);
    },
    join: (who, group) => members(who, group),
    leave: (who, group) => members(who, group, '/deletionset'),
    disable: (who) => hr.set(who, { accountDisabled: 'true' }),
    department: (who, to) => hr.set(who, { oTDepartment: to }),
    async unreadableEnd(who) {
      await hr.set(who, { oTExtraAttr2: 'next summer' });
      return 'next summer';
    },
    remove: (who) => hr.remove(who),
    cutScans: () => bench.fault({ match: { path: '*/users' }, skip: 2, times: 2, fault: { kind: 'reset' } }),
    fallSilent: () => bench.fault({ fault: { kind: 'hang' } }),
    secrets: ['S3cret', OTDS_PASSWORD, OTDS_CLIENT_SECRET, '*OTDSSSO*', 'Bearer '],
    reset: () => bench.reset(),
    close: () => bench.close(),
  };
}

directorySuite('OTDS', otdsDirectory);
