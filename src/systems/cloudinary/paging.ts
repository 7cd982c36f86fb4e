import { cloudinaryError } from './errors.ts';

type CursorPage = { next_cursor?: string | null | undefined; data?: { next_cursor?: string | null | undefined } };

/** Pages of a cursor list until there is no cursor, which stands beside `data` or inside it. Throws where a cursor comes back: that would go on for ever. */
export async function* cursorPages<T extends CursorPage>(
  read: (cursor: string | undefined) => Promise<T | undefined>,
): AsyncGenerator<T | undefined> {
  const seen = new Set<string>();
  let cursor: string | undefined;
  do {
    const page = await read(cursor);
    yield page;
    cursor = page?.next_cursor ?? page?.data?.next_cursor ?? undefined;
    if (cursor !== undefined && seen.has(cursor)) throw cloudinaryError('CLOUDINARY_BAD_REPLY');
    if (cursor !== undefined) seen.add(cursor);
  } while (cursor !== undefined);
}
