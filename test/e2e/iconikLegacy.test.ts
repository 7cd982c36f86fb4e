/** IK2 in a domain that was not migrated: the same people have the same rights, by groups of the one kind that says both who sees what and what one may do. */
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { sampleRights } from '../support/iconikRights.ts';
import { openSite, type Site } from '../support/site.ts';

let site: Site;
beforeAll(async () => {
  site = await openSite({ policy: asGroups });
  await site.iconik.act({ action: 'accessModel', model: 'legacy' });
});
afterAll(() => site.close());
beforeEach(() => site.freshQuota());

/** The example policy as a legacy shop would write it. */
function asGroups(yaml: string): string {
  const seen = new Set<string>();
  return yaml
    .replaceAll(/iconik:(team|roles)\//g, 'iconik:group/')
    .split('\n')
    .filter((line) => !/^ {2}- iconik:group\//.test(line) || (!seen.has(line) && seen.add(line)))
    .join('\n');
}

test.each(sampleRights)('%s: %s, and nothing else; a leaver keeps nothing', async (who, _says, roles, collections) => {
  expect(await site.settle(who)).toMatchObject({ iconik: { state: 'proved' } });
  const email = `${who.split('@')[0]}@northwind.example`;
  const rights = await site.rights(email);
  expect([...rights.roles].sort()).toEqual([...roles].sort());
  expect(rights.collections.map((c) => [c.path, c.permissions]).sort()).toEqual(
    collections.map(([path, permissions]) => [path, permissions]).sort(),
  );
  await site.hr.set(who, { accountDisabled: 'true' });
  expect(await site.settle(who)).toMatchObject({ iconik: { state: 'proved' } });
  const [user] = await site.onIconik(email);
  expect(user).toMatchObject({ status: 'INACTIVE', roles: [], rows: [] });
  expect(user?.teams.filter((team) => team !== 'Former Members')).toEqual([]);
});
