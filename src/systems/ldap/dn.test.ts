import { describe, expect, test } from '@jest/globals';
import { DN } from 'ldapts';
import { dnKey, isInside, parseDn } from './dn.ts';

describe('a distinguished name', () => {
  test.each([
    ['cn=a\\,b,dc=x', 'cn=a\\2Cb,dc=x'],
    ['CN=Ada Byrne , OU=Staff,DC=x', 'cn=ada  byrne,ou=staff,dc=x'],
    ['cn="a,b",dc=x', 'cn=a\\,b,dc=x'],
    ['cn=s\\C3\\B8ren,dc=x', 'cn=Søren,dc=x'],
    ['uid=1+cn=b,dc=x', 'cn=B+uid=1,dc=x'],
    ['cn=a\\20,dc=x', 'cn=a ,dc=x'],
    ['cn=a;dc=x', 'cn=a,dc=x'],
  ])('%s is %s', (one, other) => {
    expect(dnKey(one)).toBe(dnKey(other));
  });

  test.each([
    ['cn=a\\,ou=b,dc=x', 'cn=a,ou=b,dc=x'],
    ['cn=a\\+uid=b,dc=x', 'cn=a+uid=b,dc=x'],
    ['cn=a,dc=x', 'cn=a,dc=y'],
    ['cn=a\\\\,dc=x', 'cn=a\\,dc=x'],
  ])('%s is not %s', (one, other) => {
    expect(dnKey(one)).not.toBe(dnKey(other));
  });

  test.each(['ada.byrne@staff', 'cn', '=x', 'cn=a\\', 'cn="a', 'cn=a,', 'c n=a'])('%j is none', (text) => {
    expect(parseDn(text)).toBeUndefined();
  });

  test.each([' lead', 'trail ', '#x', 'a"b', 'a\\b', 'a,b', 'a+b', 'a<b>', 'a;b', 'a=b', 'é漢😀', '  '])(
    'what the library writes for %j is read back as the one value it was',
    (value) => {
      const parsed = parseDn(`${new DN({ cn: value }).toString()},dc=x`);
      expect(parsed).toHaveLength(2);
      expect(parsed?.[1]).toBe('dc=x');
    },
  );

  test('inside means by whole names, not by letters', () => {
    const inside = (dn: string, base: string) => isInside(parseDn(dn) ?? [], parseDn(base) ?? []);
    expect(inside('uid=a,OU=Staff,dc=x', 'ou=staff,dc=x')).toBe(true);
    expect(inside('ou=staff,dc=x', 'ou=staff,dc=x')).toBe(true);
    expect(inside('uid=a,ou=bigstaff,dc=x', 'ou=staff,dc=x')).toBe(false);
    expect(inside('uid=a\\,ou=staff,dc=x', 'ou=staff,dc=x')).toBe(false);
    expect(inside('dc=x', 'ou=staff,dc=x')).toBe(false);
  });
});
