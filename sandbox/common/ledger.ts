import type { Entry, Json, Write } from './types.ts';

/** `value` with every field named in `secretKeys` (any case) shown as "set"; `[{name, values}]` pairs are masked alike. */
function masked(value: Json, secretKeys: ReadonlySet<string>): Json {
  if (Array.isArray(value)) return value.map((v) => masked(v, secretKeys));
  if (value === null || typeof value !== 'object') return value;
  const named = typeof value['name'] === 'string' && secretKeys.has(value['name'].toLowerCase());
  const out: { [k: string]: Json } = {};
  for (const [key, v] of Object.entries(value)) {
    const secret = secretKeys.has(key.toLowerCase()) || (named && (key === 'values' || key === 'value'));
    out[key] = secret && v !== null ? 'set' : masked(v, secretKeys);
  }
  return out;
}

/** Everything that was asked of the stand-in and what came of it; append-only. */
export class Ledger {
  entries: Entry[] = [];
  readonly #secretKeys: ReadonlySet<string>;

  constructor(secretKeys: string[]) {
    this.#secretKeys = new Set(secretKeys.map((k) => k.toLowerCase()));
  }

  append(entry: Omit<Entry, 'seq'>): Entry {
    const writes: Write[] = entry.writes.map((w) => ({
      ...w,
      before: masked(structuredClone(w.before), this.#secretKeys),
      after: masked(structuredClone(w.after), this.#secretKeys),
    }));
    const kept: Entry = { seq: this.entries.length + 1, ...entry, writes };
    this.entries.push(kept);
    return kept;
  }

  /** Entries with a sequence number above `since`, at most `limit`; `next` is the `since` of the following page. */
  page(since: number, limit: number): { entries: Entry[]; next: number } {
    const entries = this.entries.slice(since, since + limit); // sequence numbers are positions, starting at 1
    return { entries, next: entries.at(-1)?.seq ?? since };
  }
}
