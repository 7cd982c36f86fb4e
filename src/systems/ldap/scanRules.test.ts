/** When a scan is believed, with answers that no honest server gives. */
import { describe, expect, test } from '@jest/globals';
import type { Client, SearchResult } from 'ldapts';
import { everybody, failure } from '../../../test/directory/suite.ts';
import { DEFAULT_CHOICES } from './choices.ts';
import { block } from './config.ts';
import { createConnection, type Connection } from './connection.ts';
import { contextOf } from './context.ts';
import { LdapEntry } from './entry.ts';
import { anything } from './filters.ts';
import { createGoneBrake } from './gone.ts';
import { scanPeople } from './scan.ts';

const config = block.parse({
  url: 'ldaps://ldap.example.com',
  user: 'cn=tenure,dc=example,dc=com',
  password: 'env:LDAP_PASSWORD',
  partitions: [{ name: 'staff', base: 'ou=staff,dc=example,dc=com', groups: 'ou=groups,dc=example,dc=com' }],
});
const context = contextOf(config, DEFAULT_CHOICES);
const uuid = (n: number) => `00000000-0000-4000-a000-${String(n).padStart(12, '0')}`;
const entry = (n: number) =>
  new LdapEntry({ dn: `uid=p${n},ou=staff,dc=example,dc=com`, entryUUID: uuid(n), uid: `p${n}` });

/** People listed, given, and found when asked for one by one. */
function server(listed: number[], given: number[], single: number[], who = ['me', 'me']): Connection {
  const names = [...who];
  let round = 0;
  return {
    entry: async () => undefined,
    whoami: async () => names.shift(),
    async *pages({ base }) {
      if (base.startsWith('ou=groups')) return;
      const answer = [listed, given][round] ?? single;
      round += 1;
      if (answer.length > 0) yield answer.map(entry);
    },
  };
}
const scan = (connection: Connection, brake = createGoneBrake(config)) =>
  everybody({ people: () => scanPeople(connection, context, brake) });

describe('a scan', () => {
  test('that gives all that it listed is good', async () => {
    expect(await scan(server([1, 2], [1, 2], []))).toHaveLength(2);
  });

  test('that lists somebody, does not give them, and knows them when asked, was cut', async () => {
    expect(await failure(scan(server([1, 2], [1], [2])))).toMatchObject({ code: 'LDAP_SCAN_UNSTABLE' });
  });

  test('is good where who was not given is gone when asked for', async () => {
    expect((await scan(server([1, 2], [1], []))).map(({ who }) => who)).toEqual(['p1@staff']);
  });

  test('in which the server changes its mind about who we are is void', async () => {
    const brake = createGoneBrake({ ...config, gone: { count: 0, percent: 0 } });
    await scan(server([1, 2], [1, 2], []), brake);
    expect(await failure(scan(server([1, 2], [1, 2], [], ['me', '']), brake))).toMatchObject({
      code: 'LDAP_IDENTITY_LOST',
    });
  });

  test('that failed is not what the next is compared with', async () => {
    const brake = createGoneBrake({ ...config, gone: { count: 0, percent: 0 } });
    await scan(server([1, 2, 3], [1, 2, 3], []), brake);
    expect(await failure(scan(server([1], [1], []), brake))).toMatchObject({ code: 'LDAP_TOO_MANY_GONE' });
    expect(await failure(scan(server([1, 2], [1, 2], []), brake))).toMatchObject({ code: 'LDAP_TOO_MANY_GONE' });
    expect(await scan(server([1, 2, 3], [1, 2, 3], []), brake)).toHaveLength(3);
  });
});

describe('pages', () => {
  /** As much of the client as pages need: these sizes, one after another. */
  async function sizes(...pages: number[]): Promise<number> {
    return await read(pages, true);
  }
  async function read(pages: number[], staysBound: boolean): Promise<number> {
    async function* searchPaginated(): AsyncGenerator<SearchResult> {
      for (const size of pages)
        yield { searchEntries: Array.from({ length: size }, (_, n) => ({ dn: `uid=${n}` })), searchReferences: [] };
    }
    let looks = 0;
    const client: Partial<Client> = {
      get isBound() {
        return staysBound || (looks += 1) < 4;
      },
      searchPaginated,
      unbind: async () => {},
    };
    const choices = { ...DEFAULT_CHOICES, pageSize: 2 };
    const connection = createConnection(client as Client, config, choices, new AbortController().signal);
    let found = 0;
    for await (const page of connection.pages({ base: 'dc=x', filter: anything, attributes: [], about: 'them' }))
      found += page.length;
    return found;
  }

  test('may end with an empty one after a full one, and be none', async () => {
    expect(await sizes(2, 2, 0)).toBe(4);
    expect(await sizes(2, 1)).toBe(3);
    expect(await sizes(0)).toBe(0);
  });

  test('of a connection that is nobody’s any more are not taken', async () => {
    expect(await failure(read([2, 2, 1], false))).toMatchObject({ code: 'LDAP_IDENTITY_LOST' });
  });

  test('with an empty one after a short one are not believed: the client ends there although more may come', async () => {
    expect(await failure(sizes(2, 1, 0))).toMatchObject({ code: 'LDAP_SCAN_UNSTABLE', retryable: true });
  });
});
