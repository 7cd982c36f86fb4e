import type { Reply } from '../common/types.ts';
import { CHOSEN } from './chosen.ts';
import type { Call } from './kit.ts';
import { ApiRefusal, fieldError, notFound, ok } from './kit.ts';
import { valuesOf } from './lists.ts';
import type { Recent } from './state.ts';

/** Special fault `listLag`: how old a list is then, milliseconds on the control clock. */
const SPECIAL_LAG_MS = 5_000;

/**
 * The objects a list shows: the present ones, or, where lists lag, those of that long ago (a user created since is
 * missing, one changed since shows its old fields).
 */
export function listed<T extends { id: string }>(call: Call, kind: Recent['kind'], present: Record<string, T>): T[] {
  const lag = Math.max(CHOSEN.count(call.state, 'listLagMs'), call.ctx.special('listLag') ? SPECIAL_LAG_MS : 0);
  if (lag === 0) return valuesOf(present);
  const shown = new Map(Object.entries(present));
  const horizon = call.ctx.now().getTime() - lag;
  for (const entry of call.state.recent.toReversed()) {
    if (entry.kind !== kind || Date.parse(entry.at) <= horizon) continue;
    const before = structuredClone(entry.before) as T | null; // written by `remember` for this kind
    if (before) shown.set(entry.id, before);
    else shown.delete(entry.id);
  }
  return [...shown.values()];
}

function wholeNumber(call: Call, name: string, fallback: number): number {
  const raw = call.req.query.get(name);
  if (raw === null || raw === '') return fallback;
  const value = Number(raw);
  if (!Number.isInteger(value) || value < 1) throw fieldError(name, 'Must be a whole number from 1.');
  return value;
}

function perPage(call: Call): number {
  const value = wholeNumber(call, 'per_page', 10);
  const max = CHOSEN.count(call.state, 'perPageMax');
  if (value > max) {
    call.ctx.chosen('perPageMax');
    throw fieldError('per_page', `Must be at most ${max}.`);
  }
  return value;
}

/** A numbered page with relative links (contract section 3). `view` shapes only what is shown. */
export function page<T>(call: Call, items: T[], view: (item: T) => object, facets: object | null = null): Reply {
  const size = perPage(call);
  const number = wholeNumber(call, 'page', 1);
  const pages = Math.max(1, Math.ceil(items.length / size));
  if (number > pages) {
    if (CHOSEN.use(call.ctx, 'pageBeyondEnd') === 404) throw notFound('Page');
  }
  const link = (n: number): string => {
    const query = new URLSearchParams(call.req.query);
    query.set('page', String(n));
    query.set('per_page', String(size));
    return `${call.req.path}?${query.toString()}`;
  };
  return ok({
    objects: items.slice((number - 1) * size, number * size).map(view),
    page: number,
    pages,
    per_page: size,
    total: items.length,
    first_url: link(1),
    prev_url: number > 1 ? link(number - 1) : null,
    next_url: number < pages ? link(number + 1) : null,
    last_url: link(pages),
    ...(facets ? { facets } : {}),
  });
}

/** A cursor list: `per_page` and `last_id`; the end is a short or empty page. */
export function cursor<T>(call: Call, items: T[], key: (item: T) => string, view: (item: T) => object): Reply {
  const size = perPage(call);
  const lastId = call.req.query.get('last_id');
  const sorted = items.toSorted((a, b) => (key(a) < key(b) ? -1 : 1));
  const rest = lastId ? sorted.filter((item) => key(item) > lastId) : sorted;
  const shown = rest.slice(0, size);
  const last = shown.at(-1);
  let next: string | null = null;
  if (rest.length > size && last !== undefined) {
    next = `${call.req.path}?${new URLSearchParams({ per_page: String(size), last_id: key(last) }).toString()}`;
  }
  return ok({
    objects: shown.map(view),
    page: null,
    pages: null,
    per_page: size,
    total: items.length,
    first_url: null,
    prev_url: null,
    next_url: next,
    last_url: null,
  });
}

type Field = string | number | boolean | null | undefined | string[];

/** Sorts by `sort=first_name,asc;last_name,desc`, then by creation and id, so that pages never overlap. */
export function sorted<T extends { id: string; date_created: string }>(
  call: Call,
  items: T[],
  field: (item: T, name: string) => Field,
): T[] {
  const rules = sortRules(call);
  // As they are kept, they mostly lie in the usual order.
  if (rules.length === 0 && items.every((item, i) => i === 0 || inOrder(items[i - 1] ?? item, item))) return items;
  // Keys are made once for each item, not once for each comparison, and of equal first keys only the others are
  // looked at: lists of a large company stay quick.
  const [first, ...others] = [...rules, ...ALWAYS];
  const keyed = items.map((item) => ({ item, key: sortKey(item, first?.name ?? 'id', field) }));
  const sign = first?.sign ?? 1;
  keyed.sort((a, b) => {
    if (a.key !== b.key) return a.key < b.key ? -sign : sign;
    for (const rule of others) {
      const [x, y] = [sortKey(a.item, rule.name, field), sortKey(b.item, rule.name, field)];
      if (x !== y) return x < y ? -rule.sign : rule.sign;
    }
    return 0;
  });
  return keyed.map(({ item }) => item);
}

type Listed = { id: string; date_created: string };

function inOrder(a: Listed, b: Listed): boolean {
  return a.date_created === b.date_created ? a.id <= b.id : a.date_created < b.date_created;
}

/** What decides between equals. */
const ALWAYS = [
  { name: 'date_created', sign: 1 },
  { name: 'id', sign: 1 },
];

function sortRules(call: Call): { name: string; sign: number }[] {
  const rules = (call.req.query.get('sort') ?? '').split(';').filter((rule) => rule !== '');
  return rules.map((rule) => {
    const [name = '', direction = 'asc'] = rule.split(',').map((part) => part.trim());
    if (direction !== 'asc' && direction !== 'desc')
      throw new ApiRefusal(400, { sort: `Unknown direction ${direction}.` });
    return { name, sign: direction === 'desc' ? -1 : 1 };
  });
}

function sortKey<T extends { id: string; date_created: string }>(
  item: T,
  name: string,
  field: (item: T, name: string) => Field,
): string | number {
  if (name === 'id' || name === 'date_created') return item[name];
  const value = field(item, name);
  return typeof value === 'number' ? value : String(value ?? '').toLowerCase();
}

/** Splits `a,b,c`; undefined when the parameter is absent or empty. */
export function csv(call: Call, name: string): string[] | undefined {
  const raw = call.req.query.get(name);
  return raw ? raw.split(',').map((part) => part.trim()) : undefined;
}

/** A pattern made once for a whole list; the parts between `*` are taken as they are. */
const patterns = new Map<string, RegExp>();

function patternOf(text: string): RegExp {
  const known = patterns.get(text);
  if (known) return known;
  const source = text.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  const pattern = new RegExp(`^${source.join('.*')}$`, 'is');
  if (patterns.size >= MOST_PATTERNS) patterns.clear();
  patterns.set(text, pattern);
  return pattern;
}

const MOST_PATTERNS = 100;

/** Whole value, or `*` wildcards; case does not matter. */
export function matches(pattern: string, value: string | null): boolean {
  return patternOf(pattern).test(value ?? '');
}

/** The free `query`: wildcards where there are some, else "contains". */
export function contains(query: string, values: (string | null)[]): boolean {
  if (query.includes('*')) return values.some((value) => value !== null && matches(query, value));
  const wanted = query.toLowerCase();
  return values.some((value) => value !== null && value.toLowerCase().includes(wanted));
}

/** A date filter: `from;to`, `*` = open end; one date alone means from there on. */
export function inRange(range: string, date: string | null): boolean {
  if (date === null) return false;
  const [from = '*', to = '*'] = range.split(';').map((part) => part.trim());
  const at = Date.parse(date);
  const bound = (value: string): number => {
    const parsed = Date.parse(/[zZ]|[+-]\d\d:?\d\d$/.test(value) || value.length <= 10 ? value : `${value}Z`);
    if (Number.isNaN(parsed)) throw new ApiRefusal(400, [`Not a valid date range: ${range}`]);
    return parsed;
  };
  return (from === '*' || from === '' || at >= bound(from)) && (to === '*' || to === '' || at <= bound(to));
}
