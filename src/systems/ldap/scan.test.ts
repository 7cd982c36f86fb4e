/** Complete scans on a real slapd: whatever shrinks an answer must not read like people who left. */
import { afterAll, beforeAll, beforeEach, expect } from '@jest/globals';
import { everybody, failure } from '../../../test/directory/suite.ts';
import { findDaemon, withDaemon } from '../../../test/support/daemons.ts';
import { startLdapBench, type LdapBench } from '../../../test/support/ldapBench.ts';
import { groupDn, LIMITED, peopleBase, personDn, SUFFIX } from '../../../test/support/ldapSeed.ts';
import { until } from '../../../test/support/until.ts';
import type { Directory } from '../port.ts';

const slapd = findDaemon('slapd');
const it = withDaemon(slapd);
const call = { signal: new AbortController().signal };
const small = { choices: { pageSize: 7 } };
const dn = (who: string) => personDn('openldap', who);

let bench: LdapBench;
beforeAll(async () => {
  if (!('missing' in slapd)) bench = await startLdapBench(slapd);
});
beforeEach(() => bench?.reset());
afterAll(() => bench?.close());

/** Scans, and does something once the first people came. */
async function scanned(directory: Directory, then: () => Promise<void>): Promise<string[]> {
  const found: string[] = [];
  for await (const page of directory.people(call)) {
    if (found.length === 0) await then();
    found.push(...page.map(({ who }) => who));
  }
  return found;
}

it('a connection lost between pages voids the scan, although what a nobody may see would come', async () => {
  const idle = async () => {
    bench.proxy.drop();
    await until('the line to be cut', async () => (bench.proxy.open() === 0 ? true : undefined));
  };
  const error = await failure(scanned(bench.client({}, small), idle));
  expect(['LDAP_IDENTITY_LOST', 'LDAP_RESET']).toContain(error.code);
});

it("a server's size limit ends the scan, it does not shorten it", async () => {
  const limited = bench.client({ user: LIMITED.dn, password: 'env:OTHER' });
  expect(await failure(everybody(limited))).toMatchObject({ code: 'LDAP_SIZE_LIMIT', retryable: false });
});

it('a partition where nobody is seen voids the scan, unless that may be', async () => {
  const partitions = [
    ...bench.config.partitions,
    { name: 'none', base: `ou=groups,ou=field,${SUFFIX}`, mayBeEmpty: false },
  ];
  const error = await failure(everybody(bench.client({ partitions })));
  expect(error).toMatchObject({ code: 'LDAP_EMPTY', retryable: true });
  expect(error.message).toContain('partition none');
  const allowed = partitions.map((one) => ({ ...one, mayBeEmpty: true }));
  expect(await everybody(bench.client({ partitions: allowed }))).toHaveLength(59);
});

it('somebody in a partition where nobody is seen is not gone: who lost the right to read sees nobody', async () => {
  const none = { name: 'none', base: `ou=groups,ou=field,${SUFFIX}`, mayBeEmpty: false };
  const seen = bench.client({ partitions: [...bench.config.partitions, none] });
  expect(await failure(seen.person('ada@none', call))).toMatchObject({ code: 'LDAP_EMPTY', retryable: true });
  const uuid = '00000000-0000-4000-a000-000000000000';
  expect(await failure(seen.person(uuid, call))).toMatchObject({ code: 'LDAP_EMPTY' });
  expect(await seen.person('ada@staff', call)).toBeUndefined();
  const allowed = bench.client({ partitions: [{ ...none, mayBeEmpty: true }] });
  expect(await allowed.person('ada@none', call)).toBeUndefined();
});

it('a base that is not there is an error, not an empty partition', async () => {
  const partitions = [{ name: 'staff', base: `ou=gone,${SUFFIX}`, mayBeEmpty: true }];
  expect(await failure(everybody(bench.client({ partitions })))).toMatchObject({ code: 'LDAP_NO_BASE' });
});

it("more gone than allowed stops at the source; after a new start the engine's brake decides", async () => {
  const gone = { count: 3, percent: 5 };
  const directory = bench.client({ gone });
  const before = await everybody(directory);
  const leaving = before.filter(({ partition }) => partition === 'staff').slice(0, 4);
  for (const { who } of leaving) await bench.remove(dn(who));
  const error = await failure(everybody(directory));
  expect(error).toMatchObject({ code: 'LDAP_TOO_MANY_GONE', retryable: true });
  expect(error.message).toContain(`4 of ${before.length} people`);
  expect(await failure(everybody(directory))).toMatchObject({ code: 'LDAP_TOO_MANY_GONE' });
  expect(await everybody(bench.client({ gone }))).toHaveLength(before.length - 4);
});

it('fewer gone than allowed pass, and the next scan is compared with what was there then', async () => {
  const directory = bench.client({ gone: { count: 3, percent: 5 } });
  const before = await everybody(directory);
  const staff = before.filter(({ partition }) => partition === 'staff').map(({ who }) => who);
  for (const round of [staff.slice(0, 3), staff.slice(3, 6)]) {
    for (const who of round) await bench.remove(dn(who));
    await everybody(directory);
  }
  expect(await everybody(directory)).toHaveLength(before.length - 6);
});

it('somebody who leaves in mid-scan is missing, and the scan is good', async () => {
  const found = await scanned(bench.client({}, small), () => bench.remove(dn('femi.adeyemi@field')));
  expect(found).toHaveLength(58);
  expect(found).not.toContain('femi.adeyemi@field');
});

it('somebody who moves to another partition keeps the uuid', async () => {
  const before = await bench.directory.person('ada.byrne@staff', call);
  await bench.move(dn('ada.byrne@staff'), `uid=ada.b,${peopleBase('contractors')}`);
  const after = await bench.directory.person('ada.b@contractors', call);
  expect(after?.uuid).toBe(before?.uuid);
  expect(await bench.directory.person('ada.byrne@staff', call)).toBeUndefined();
  expect((await everybody(bench.directory)).filter(({ uuid }) => uuid === before?.uuid)).toHaveLength(1);
});

it('one base inside another: each person is in the innermost partition, once', async () => {
  const partitions = [
    { name: 'everyone', base: SUFFIX, mayBeEmpty: false },
    { name: 'staff', base: peopleBase('staff'), mayBeEmpty: false },
  ];
  const all = await everybody(bench.client({ partitions }, small));
  expect(all).toHaveLength(59);
  expect(all.map(({ who }) => who)).toEqual(expect.arrayContaining(['ada.byrne@staff', 'femi.adeyemi@everyone']));
  expect(await bench.client({ partitions }).person('ada.byrne@everyone', call)).toBeUndefined();
});

it('two people of one login are told from one', async () => {
  await bench.hire('twin@staff');
  await bench.move(dn('twin@staff'), `cn=New Comer,${peopleBase('staff')}`);
  await bench.set(`cn=New Comer,${peopleBase('staff')}`, { uid: 'twin' });
  await bench.hire('twin@staff');
  const error = await failure(bench.directory.person('twin@staff', call));
  expect(error).toMatchObject({ code: 'LDAP_AMBIGUOUS', retryable: false });
});

it('groups in a circle end', async () => {
  await bench.group('One@staff', [dn('ada.byrne@staff'), groupDn('Two@staff')]);
  await bench.group('Two@staff', [groupDn('One@staff')]);
  const ada = await bench.directory.person('ada.byrne@staff', call);
  expect(ada?.groups).toEqual(expect.arrayContaining(['One@staff', 'Two@staff']));
  expect((await everybody(bench.directory)).find(({ uuid }) => uuid === ada?.uuid)).toEqual(ada);
  expect((await bench.directory.membersOf('Two@staff', call)).map(({ who }) => who)).toEqual(['ada.byrne@staff']);
});

it('two groups of one name are an error when asked for, and probe names them', async () => {
  await bench.move(groupDn('Project Aurora@staff'), `cn=Legal Review+description=x,ou=groups,ou=staff,${SUFFIX}`);
  expect(await failure(bench.directory.membersOf('Legal Review@staff', call))).toMatchObject({
    code: 'LDAP_AMBIGUOUS',
  });
  expect((await bench.directory.probe(call)).problems.join()).toContain('several groups Legal Review@staff');
});

it('locked for a time, by hand for good, and by an attribute of the house', async () => {
  const state = async (directory = bench.directory) => (await directory.person('ada.byrne@staff', call))?.state;
  await bench.set(dn('ada.byrne@staff'), { pwdAccountLockedTime: '20261121080000Z' });
  expect(await state()).toBe('locked');
  await bench.set(dn('ada.byrne@staff'), { pwdAccountLockedTime: '000001010000Z' });
  expect(await state()).toBe('disabled');
  await bench.set(dn('ada.byrne@staff'), { pwdAccountLockedTime: undefined, carLicense: 'Inactive' });
  expect(await state()).toBe('active');
  const disabledWhen = { attribute: 'carLicense', values: ['inactive'] };
  expect(await state(bench.client({ disabledWhen }))).toBe('disabled');
});
