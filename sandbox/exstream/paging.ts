import type { Reply } from '../common/types.ts';
import { CHOSEN } from './chosen.ts';
import type { Call } from './kit.ts';
import { badInput, json, queryNumber, statusText } from './kit.ts';

export const PAGE_QUERY = ['offset', 'count', 'sort'] as const;

/**
 * Page envelope. What `offset` counts is chosen; `count` beyond the maximum is clamped silently. `view` shapes only what
 * is shown. `currentPageNumber` starts at 0.
 */
export function page<T>(call: Call, items: readonly T[], view: (item: T) => unknown): Reply {
  const size = countOf(call);
  const offset = queryNumber(call, 'offset') ?? 0;
  if (offset > 0) call.ctx.chosen('OFFSET_MEANS');
  const start = CHOSEN.value(call.state, 'OFFSET_MEANS') === 'page' ? offset * size : offset;
  const rows = moved(call, items, start);
  return json(200, {
    status: statusText(call),
    data: rows.slice(start, start + size).map(view),
    page: {
      pageSize: size,
      pageOffset: offset,
      totalElements: rows.length,
      totalPages: Math.ceil(rows.length / size),
      currentPageNumber: Math.floor(start / size),
    },
  });
}

function countOf(call: Call): number {
  const asked = queryNumber(call, 'count');
  if (asked === undefined) return Math.max(1, CHOSEN.count(call.state, 'COUNT_DEFAULT'));
  if (asked === 0) throw badInput(call, 'count must be at least 1');
  const max = CHOSEN.count(call.state, 'COUNT_MAX');
  if (asked > max) call.ctx.chosen('COUNT_MAX');
  return Math.min(asked, max);
}

/** Special fault: on a later page somebody has put a row in front, so that everything moved by one. */
function moved<T>(call: Call, items: readonly T[], start: number): readonly T[] {
  const [first] = items;
  if (start === 0 || first === undefined || !call.ctx.special('rowAppears')) return items;
  return [first, ...items];
}
