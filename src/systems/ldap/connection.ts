import { ResultCodeError, type Client, type SearchOptions, type SearchResult } from 'ldapts';
import { SystemError } from '../errors.ts';
import type { LdapChoices } from './choices.ts';
import type { LdapConfig } from './config.ts';
import { bounded } from './deadline.ts';
import { dialectOf } from './dialect.ts';
import { LdapEntry } from './entry.ts';
import { ldapError, toSystemError } from './errors.ts';
import type { Filter } from './filters.ts';

export type Search = {
  base: string;
  filter: Filter;
  /** By name: what is not needed is not read. */
  attributes: readonly string[];
  /** Our words for what is looked for. */
  about: string;
};

/** Reads of one bound connection, one after another. All throw `SystemError` only. */
export type Connection = {
  /** Everything below a base, page by page. Provisional until it ended without an error (contracts/ldap.md 3, trap 2). */
  pages(search: Search): AsyncGenerator<readonly LdapEntry[]>;
  /** The entry of exactly this DN, where it fits the filter; undefined where there is none. The empty DN: what the server says of itself. */
  entry(search: Search): Promise<LdapEntry | undefined>;
  /** Who the server takes us for: empty means nobody, undefined that it does not say (RFC 4532). */
  whoami(): Promise<string | undefined>;
};

const WHOAMI = '1.3.6.1.4.1.4203.1.11.3';
const NO_SUCH_OBJECT = 32;
/** The server stops a search this much before we give it up, so that the connection survives, milliseconds. */
const SERVER_SOONER_MS = 5_000;

export function createConnection(
  client: Client,
  config: LdapConfig,
  choices: LdapChoices,
  signal: AbortSignal,
): Connection {
  const { requestMs } = config.limits;
  const { binary } = dialectOf(config);
  const run = <T>(about: string, work: () => Promise<T>): Promise<T> => bounded(client, signal, requestMs, about, work);

  /** ldapts reconnects by itself and goes on as nobody: what it shows then reads like deletions (trap 4). */
  function mustBeBound(about: string): void {
    if (!client.isBound) throw ldapError('LDAP_IDENTITY_LOST', { about });
  }

  const options = ({ filter, attributes }: Search, scope: 'base' | 'sub'): SearchOptions => ({
    scope,
    filter,
    attributes: [...attributes],
    explicitBufferAttributes: [...binary],
    timeLimit: Math.max(1, Math.floor((requestMs - SERVER_SOONER_MS) / 1000)),
  });

  /** No size limit is ever sent: with one, ldapts takes a cut answer for a complete one (trap 1). */
  async function* pages(search: Search): AsyncGenerator<readonly LdapEntry[]> {
    const paged = { pageSize: choices.pageSize };
    mustBeBound(search.about);
    const generator = client.searchPaginated(search.base, { ...options(search, 'sub'), paged });
    let before = choices.pageSize;
    for (;;) {
      mustBeBound(search.about);
      const step: IteratorResult<SearchResult, void> = await run(search.about, () => generator.next());
      mustBeBound(search.about);
      if (step.done) return;
      const { searchEntries } = step.value;
      const { length } = searchEntries;
      // An empty page ends ldapts's scan even when the server has more; only after a full one may it be the end.
      if (length === 0 && before < choices.pageSize) throw ldapError('LDAP_SCAN_UNSTABLE', { about: search.about });
      before = length;
      if (length > 0) yield searchEntries.map((entry) => new LdapEntry(entry));
    }
  }

  return {
    pages,
    async entry(search) {
      mustBeBound(search.about);
      const found = await run(search.about, async () => {
        try {
          return await client.search(search.base, options(search, 'base'));
        } catch (error) {
          if (error instanceof ResultCodeError && error.code === NO_SUCH_OBJECT) return undefined;
          throw error;
        }
      });
      mustBeBound(search.about);
      const [entry] = found?.searchEntries ?? [];
      return entry && new LdapEntry(entry);
    },
    async whoami() {
      try {
        return (await run('who it takes Tenure for', () => client.exop(WHOAMI))).value ?? '';
      } catch (error) {
        if (isUnsupported(error)) return undefined;
        throw toSystemError(error, 'who it takes Tenure for');
      }
    },
  };
}

/** Servers without RFC 4532 say so by one of several codes. */
function isUnsupported(error: unknown): boolean {
  return error instanceof SystemError && ['LDAP_BAD_REQUEST', 'LDAP_REFUSED'].includes(error.code);
}
