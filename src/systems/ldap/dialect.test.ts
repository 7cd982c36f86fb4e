/** Shapes as recorded from real directories, where no server of ours can give them. */
import { describe, expect, test } from '@jest/globals';
import type { Connection } from './connection.ts';
import { DEFAULT_CHOICES } from './choices.ts';
import { block } from './config.ts';
import { contextOf } from './context.ts';
import { bytesFrom, dialectOf, uuidFrom } from './dialect.ts';
import { LdapEntry } from './entry.ts';
import { indexMemberships, peopleInside } from './groups.ts';
import { personOf, refOf } from './person.ts';

const config = block.parse({
  url: 'ldaps://dc1.example.com',
  kind: 'activeDirectory',
  user: 'tenure@example.com',
  password: 'env:LDAP_PASSWORD',
  partitions: [{ name: 'staff', base: 'OU=Staff,DC=example,DC=com' }],
});
const context = contextOf(config, DEFAULT_CHOICES);
const dialect = dialectOf(config);
/** From Microsoft's documentation of the objectGUID form. */
const GUID = Buffer.from('ff19966f868b11d0b42d00c04fc964ff', 'hex');

function user(more: Record<string, string | string[] | Buffer> = {}): LdapEntry {
  const dn = 'CN=Ada Byrne,OU=Staff,DC=example,DC=com';
  return new LdapEntry({ dn, objectGUID: GUID, sAMAccountName: 'ada', userAccountControl: '512', ...more });
}
function personFrom(entry: LdapEntry) {
  const ref = refOf(entry, context);
  if (!ref) throw new Error('nobody looked after');
  return personOf(entry, ref, [], undefined, context);
}

describe("Active Directory's attributes", () => {
  test('objectGUID has its first three groups with the low byte first', () => {
    expect(uuidFrom(GUID)).toBe('6f9619ff-8b86-d011-b42d-00c04fc964ff');
    expect(bytesFrom('6f9619ff-8b86-d011-b42d-00c04fc964ff')).toEqual(GUID);
    expect(refOf(user(), context)?.uuid).toBe('6f9619ff-8b86-d011-b42d-00c04fc964ff');
  });

  test('an objectGUID whose bytes happen to be text is read all the same', () => {
    expect(refOf(user({ objectGUID: 'abcdefghijklmnop' }), context)?.uuid).toBe('64636261-6665-6867-696a-6b6c6d6e6f70');
  });

  test.each([
    ['512', '0', 'active'],
    ['514', '0', 'disabled'],
    ['66050', '0', 'disabled'],
    ['512', '133500000000000000', 'locked'],
    ['514', '133500000000000000', 'disabled'],
  ])('userAccountControl %s, lockoutTime %s: %s', (userAccountControl, lockoutTime, state) => {
    expect(dialect.stateOf(user({ userAccountControl, lockoutTime }))).toBe(state);
  });

  test('a user whose state is not shown is an error, not somebody active', () => {
    expect(() => dialect.stateOf(user({ userAccountControl: [] }))).toThrow(/userAccountControl/);
  });

  test.each([
    ['0', undefined],
    ['9223372036854775807', undefined],
    ['133500000000000000', '2024-01-17T21:20:00.000Z'],
    ['soon', 'soon'],
  ])('accountExpires %s: %s', (accountExpires, endAt) => {
    expect(personFrom(user({ accountExpires })).endAt).toBe(endAt);
  });

  test('members in portions are asked for to the last', async () => {
    const asked: string[] = [];
    const portions: Record<string, Record<string, string[]>> = {
      'member;range=2-*': { 'member;range=2-3': ['CN=c,DC=x', 'CN=d,DC=x'] },
      'member;range=4-*': { 'member;range=4-*': ['CN=e,DC=x'] },
    };
    const dn = 'CN=Big,OU=Staff,DC=example,DC=com';
    const group = new LdapEntry({ dn, cn: 'Big', member: [], 'member;range=0-1': ['CN=a,DC=x', 'CN=b,DC=x'] });
    const connection = onlyEntries(async ({ base, attributes: [first = ''] }) => {
      asked.push(base === dn ? first : base);
      return base === dn ? new LdapEntry({ dn, ...portions[first] }) : undefined;
    });
    await peopleInside(connection, context, group, []);
    expect([...new Set(asked)]).toEqual([
      ...Object.keys(portions),
      ...['a', 'b', 'c', 'd', 'e'].map((n) => `CN=${n},DC=x`),
    ]);
  });
});

test("generalized time is an instant, and the other directory's dates are read as everywhere", () => {
  const changed = contextOf({ ...config, attributes: { startAt: 'from', endAt: 'until' } }, DEFAULT_CHOICES);
  const entry = user({ from: '20260301080000+0200', until: '2026-12-31' });
  const ref = refOf(entry, changed);
  expect(ref && personOf(entry, ref, [], undefined, changed)).toMatchObject({
    startAt: '2026-03-01T06:00:00.000Z',
    endAt: '2027-01-01T00:00:00.000Z',
  });
});

test('members with a mark that tells namesakes apart are the same people', async () => {
  const dn = 'CN=Unique,OU=Staff,DC=example,DC=com';
  const page = [new LdapEntry({ dn, cn: 'Unique', uniqueMember: ["cn=Ada Byrne,ou=staff,dc=example,dc=com#'0101'B"] })];
  const connection: Connection = {
    ...onlyEntries(async () => undefined),
    async *pages() {
      yield page;
    },
  };
  const groupsOf = await indexMemberships(connection, context);
  expect(groupsOf(user().place.join(','))).toEqual(['Unique@staff']);
});

function onlyEntries(entry: Connection['entry']): Connection {
  const never = () => {
    throw new Error('not asked for here');
  };
  return { entry, pages: never, whoami: never };
}
