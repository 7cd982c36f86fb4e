import { describe, expect, test } from '@jest/globals';
import { checkFtp, ftpBlock } from './block.ts';
import { isPartOf, partPath, usableName, usablePath } from './names.ts';

const partner = {
  host: 'files.acme.example',
  user: 'feed',
  password: 'env:FTP_ACME_PASSWORD',
  list: { path: '/out/list.csv' },
};
const problems = (over: object): string[] => {
  const found: string[] = [];
  checkFtp(ftpBlock.parse({ partners: { acme: { ...partner, ...over } } }), (path, message) =>
    found.push(`${path.join('.')}: ${message}`),
  );
  return found;
};

describe('the block', () => {
  test('explicit TLS is what one gets without a word', () => {
    expect(problems({})).toEqual([]);
    expect(ftpBlock.parse({ partners: { acme: partner } }).partners['acme']).toMatchObject({
      protocol: 'ftps',
      replaceMode: 'overwrite',
      allowPlain: false,
    });
  });

  test.each([
    ['plain FTP without saying so', { protocol: 'ftp' }, /acme\.protocol: .*allowPlain: true/],
    ['SFTP without the fingerprint', { protocol: 'sftp' }, /acme\.hostKey: .*fingerprint/],
    ['SFTP with something else as fingerprint', { protocol: 'sftp', hostKey: 'MD5:00:11' }, /acme\.hostKey/],
    ['no credentials', { password: undefined }, /acme\.password/],
    ['a key where a password is wanted', { password: undefined, privateKey: 'file:/key' }, /acme\.password/],
    [
      'the key column twice',
      { list: { path: '/l.csv', key: 'mail', columns: { mail: 'email' } } },
      /acme\.list: .*mail/,
    ],
  ])('%s is told', (_what, over, message) => {
    expect(problems(over)).toEqual([expect.stringMatching(message)]);
  });

  test.each([
    ['a path with a line break', { list: { path: '/out/a\r\nDELE b' } }],
    ['a path that leads up', { list: { path: '/out/../../etc/passwd' } }],
    ['a folder', { list: { path: '/out/' } }],
    ['a password in clear', { password: 'hunter2' }],
    ['a host with a protocol', { host: 'ftp://files.acme.example' }],
    ['a switch for the TLS checks, which there is not', { insecure: true }],
  ])('%s is refused', (_what, over) => {
    expect(ftpBlock.safeParse({ partners: { acme: { ...partner, ...over } } }).success).toBe(false);
  });
});

describe('names', () => {
  test('what a server lists is a name, or nothing', () => {
    expect(['a.csv', '.hidden', '...'].every(usableName)).toBe(true);
    expect(['', '.', '..', 'a/b', 'a\\b', 'a\nb', 'n'.repeat(256)].some(usableName)).toBe(false);
    expect(usablePath('a/b..c')).toBe(true);
  });

  test('a part belongs to one file and one content', () => {
    const sha = 'ab'.repeat(32);
    expect([partPath('/out/l.csv', sha), partPath('l.csv', sha), partPath('/l.csv', sha)]).toEqual([
      '/out/.l.csv.abababababab.part',
      '.l.csv.abababababab.part',
      '/.l.csv.abababababab.part',
    ]);
    expect(isPartOf('l.csv', '.l.csv.abababababab.part')).toBe(true);
    expect(['.l.csv.2.abababababab.part', 'l.csv', '.l.csv.part'].some((name) => isPartOf('l.csv', name))).toBe(false);
  });
});
