import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { cellOf, emptyList, parseList, rowsOf, withoutRows, withRow, type ListLayout } from './accessList.ts';

const layout: ListLayout = { key: 'user', columns: { mail: 'email' }, delimiter: ',', comment: '#' };
const list = (text: string, over: Partial<ListLayout> = {}) => parseList(Buffer.from(text), { ...layout, ...over });
const ada = { user: 'ada@staff', mail: 'ada@example' };

const FOREIGN =
  '\ufeff# who may fetch, "by Bob"\r\nuser,mail,note\r\n\r\n# theirs\r\n"x, y",é,"two\r\nlines"\r\nshort\r\n  # odd , z,1,2,3\r\n';

describe('what is not ours stays byte for byte', () => {
  test('when somebody is added and taken off again', () => {
    const added = withRow(list(FOREIGN), ['ada@staff'], ada).toString();
    expect(added).toBe(`${FOREIGN}ada@staff,ada@example,\r\n`);
    expect(withoutRows(list(added), ['ada@staff']).toString()).toBe(FOREIGN);
  });

  test('when rows in the middle go: comments and blank lines before them stay, all spellings of the person go', () => {
    const text = 'user,mail\n# one\nAda@Staff ,a\nbob,b\n\n# two\n"ada@staff",c\n# end';
    expect(withoutRows(list(text), ['ada@staff']).toString()).toBe('user,mail\n# one\nbob,b\n\n# two\n# end');
  });

  test('when a row is corrected: columns that are not ours keep their cells, a second row of the person goes', () => {
    const text = 'mail,user,note\nold@example,ada.old@staff,keep me\nb,bob,\nx,ada@staff,\n';
    const edited = withRow(list(text), ['ada.old@staff', 'ada@staff'], ada).toString();
    expect(edited).toBe('mail,user,note\nada@example,ada@staff,keep me\nb,bob,\n');
  });

  test('a last line without an end gets one before a row is added', () => {
    expect(withRow(list('user,mail\r\nbob,b'), [], ada).toString()).toBe(
      'user,mail\r\nbob,b\r\nada@staff,ada@example\r\n',
    );
  });

  test('for any texts in any cells', () => {
    const cell = fc.string({ unit: fc.constantFrom('a', 'é', '"', ',', '#', ' ', '\n', '\r\n', ';', '=') });
    fc.assert(
      fc.property(fc.array(fc.tuple(cell, cell), { maxLength: 6 }), cell, (others, mail) => {
        let bytes = emptyList(layout);
        for (const [at, [user, note]] of others.entries())
          bytes = withRow(parseList(bytes, layout), [], { user: `${at}${user}`, mail: note });
        const with_ = withRow(parseList(bytes, layout), ['ada@staff'], { user: 'ada@staff', mail });
        const now = parseList(with_, layout);
        const rows = rowsOf(now, ['ADA@staff']);
        expect(rows).toHaveLength(1);
        expect(cellOf(now, rows[0]!, 'mail')).toBe(mail);
        expect(withoutRows(now, ['ada@staff'])).toEqual(bytes);
      }),
    );
  });
});

test('a name that begins like a comment is found again', () => {
  const now = parseList(withRow(list('user,mail\n'), [], { user: '#1@staff', mail: '' }), layout);
  expect(rowsOf(now, ['#1@staff'])).toHaveLength(1);
});

test('another delimiter, and a column in another place', () => {
  const text = withRow(list('mail;user\n', { delimiter: ';' }), [], { user: 'a;b', mail: 'm,n' }).toString();
  expect(text).toBe('mail;user\nm,n;"a;b"\n');
});

test.each([
  ['a quote that does not close: rows after it could be lost', 'user,mail\n"ada,b\nbob,b\n'],
  ['a quote in the middle of a cell', 'user,mail\na"d"a,b\n'],
  ['a header without our key', 'name,mail\n'],
  ['a header without our column', 'user\n'],
  ['a header with a column twice', 'user,user,mail\n'],
  ['an empty file', ''],
])('refuses %s', (_what, text) => {
  expect(() => list(text)).toThrow();
});

test('refuses what is not UTF-8', () => {
  expect(() => parseList(Buffer.from([...Buffer.from('user,mail\n'), 0xe9, 0x0a]), layout)).toThrow('not UTF-8');
});
