import { expect, test } from '@jest/globals';
import { cursorPages } from './paging.ts';

type Page = { n: number; next_cursor?: string | null; data?: { next_cursor?: string } };

async function all(pages: Record<string, Page>): Promise<number[]> {
  const found: number[] = [];
  for await (const page of cursorPages<Page>(async (cursor = 'first') => pages[cursor])) found.push(page?.n ?? -1);
  return found;
}

test('a cursor leads on whether it stands beside the data or inside it, and null ends the list', async () => {
  expect(
    await all({
      first: { n: 1, next_cursor: 'b' },
      b: { n: 2, data: { next_cursor: 'c' } },
      c: { n: 3, next_cursor: null },
    }),
  ).toEqual([1, 2, 3]);
});

test('a cursor that comes back is no end and no endless list', async () => {
  await expect(all({ first: { n: 1, next_cursor: 'b' }, b: { n: 2, next_cursor: 'b' } })).rejects.toMatchObject({
    code: 'CLOUDINARY_BAD_REPLY',
  });
});
