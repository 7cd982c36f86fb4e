import { describe, expect, test } from '@jest/globals';
import { ldapSystem } from './system.ts';
import { block } from './config.ts';

const GOOD = {
  url: 'ldaps://ldap.example.com',
  user: 'cn=tenure,dc=example,dc=com',
  password: 'env:LDAP_PASSWORD',
  partitions: [{ name: 'staff', base: 'ou=staff,dc=example,dc=com' }],
};

/** Everything that is wrong with a block: of its shape, then of the whole. */
function mistakes(over: object): string[] {
  const parsed = block.safeParse({ ...GOOD, ...over });
  if (!parsed.success) return parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  const found: string[] = [];
  ldapSystem.check(parsed.data, (path, message) => found.push(`${path.join('.')}: ${message}`));
  return found;
}

describe('the block', () => {
  test('a short one will do, and names its one secret', () => {
    expect(mistakes({})).toEqual([]);
    expect(ldapSystem.secrets(block.parse({ ...GOOD, ca: 'file:/etc/ca.pem' }))).toEqual([
      [['ca'], 'file:/etc/ca.pem'],
      [['password'], 'env:LDAP_PASSWORD'],
    ]);
  });

  test.each<[object, RegExp]>([
    [{ mode: 'enforce' }, /mode/],
    [{ url: 'ldap://ldap.example.com' }, /shows the password/],
    [{ startTls: true }, /TLS already/],
    [{ url: 'https://ldap.example.com' }, /must be ldaps/],
    [{ password: 'hunter2' }, /never the secret itself/],
    [{ partitions: [] }, /at least one partition/],
    [{ partitions: [{ name: 'staff', base: 'staff' }] }, /distinguished name/],
    [{ partitions: [{ name: 'st@ff', base: 'ou=staff' }] }, /without @/],
    [{ partitions: [GOOD.partitions[0], { name: 'STAFF', base: 'ou=b' }] }, /two partitions/],
    [{ people: 'objectClass=person' }, /LDAP filter/],
    [{ groups: '(objectClass=' }, /LDAP filter/],
    [{ attributes: { login: 'uid)(cn=*' } }, /name of an attribute/],
    [{ also: ['mail'] }, /a field already/],
    [{ gone: { percent: 101 } }, /at most 100/],
  ])('%j is told', (over, told) => {
    expect(mistakes(over).join('\n')).toMatch(told);
  });
});
