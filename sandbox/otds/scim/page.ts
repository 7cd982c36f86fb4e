import type { Reply } from '../../common/types.ts';
import type { Call } from '../call.ts';
import { listReply } from './reply.ts';

const COUNT_DEFAULT = 100;

function number(text: string | null, usual: number): number {
  const value = Number(text ?? usual);
  return Number.isInteger(value) ? value : usual;
}

/** `startIndex` and `count` of a list: everything that is wanted is counted, only the page is shown. */
export function pageOf<T>(
  call: Call,
  source: Iterable<T>,
  wanted: (item: T) => boolean,
  shown: (item: T) => object,
): Reply {
  const { query } = call.req;
  const start = Math.max(1, number(query.get('startIndex'), 1));
  const most = Number(call.state.choices.PAGE_SIZE_MAX);
  const count = Math.min(most, Math.max(0, number(query.get('count'), COUNT_DEFAULT)));
  const items: T[] = [];
  let total = 0;
  for (const item of source) {
    if (!wanted(item)) continue;
    total++;
    if (total >= start && items.length < count) items.push(item);
  }
  return listReply(items.map(shown), start, total);
}
