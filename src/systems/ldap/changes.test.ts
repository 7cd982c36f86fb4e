/** Change detection on a real slapd, in each of the three ways. */
import { afterAll, beforeAll, describe, expect } from '@jest/globals';
import { findDaemon, withDaemon } from '../../../test/support/daemons.ts';
import { startLdapBench, type LdapBench } from '../../../test/support/ldapBench.ts';
import { HIGHEST_USN, peopleBase, personDn } from '../../../test/support/ldapSeed.ts';
import { until } from '../../../test/support/until.ts';
import type { Directory, PeopleChanged } from '../port.ts';

const slapd = findDaemon('slapd');
const it = withDaemon(slapd);
const call = { signal: new AbortController().signal };

async function changes(directory: Directory, since?: string): Promise<PeopleChanged> {
  if (!directory.changes) throw new Error('no changes');
  return await directory.changes(since, call);
}
const whos = ({ people }: PeopleChanged) => (people === 'everybody' ? people : people.map(({ who }) => who));

describe('OpenLDAP', () => {
  let bench: LdapBench;
  beforeAll(async () => {
    if (!('missing' in slapd)) bench = await startLdapBench(slapd);
  });
  afterAll(() => bench?.close());
  const dn = (who: string) => personDn('openldap', who);

  it('by entryCSN: exactly who changed, and nobody afterwards', async () => {
    const { watermark } = await changes(bench.directory);
    expect(watermark).toMatch(/^entryCSN \d{14}\.\d{6}Z#/);
    expect(whos(await changes(bench.directory, watermark))).toEqual([]);
    await bench.set(dn('ada.byrne@staff'), { title: 'Director' });
    await bench.set(dn('ben.otto@staff'), { title: 'Director' });
    const next = await changes(bench.directory, watermark);
    expect(whos(next)).toEqual(expect.arrayContaining(['ada.byrne@staff', 'ben.otto@staff']));
    expect(next.people).toHaveLength(2);
    expect(whos(await changes(bench.directory, next.watermark))).toEqual([]);
  });

  it('a rename is told, a deletion never', async () => {
    const { watermark } = await changes(bench.directory);
    await bench.move(dn('mei.chen@staff'), `uid=mei.li,${peopleBase('staff')}`);
    await bench.remove(dn('carlos.silva@staff'));
    expect(whos(await changes(bench.directory, watermark))).toEqual(['mei.li@staff']);
  });

  it('too many to read one by one: everybody', async () => {
    const few = bench.client({}, { choices: { changesOneByOne: 1 } });
    const { watermark } = await changes(few);
    await bench.set(dn('ada.byrne@staff'), { title: 'A' });
    expect(whos(await changes(few, watermark))).toEqual(['ada.byrne@staff']);
    await bench.set(dn('ben.otto@staff'), { title: 'B' });
    expect(whos(await changes(few, watermark))).toBe('everybody');
  });

  it('by modifyTimestamp: a change in the second of the watermark is not lost', async () => {
    const directory = bench.client({ changes: 'modifyTimestamp' }, { choices: { timestampOverlapMs: 0 } });
    const seeded = (await changes(directory)).watermark;
    // The groups were made in the second of the seed: a later one is needed to tell people apart from them.
    const watermark = await until('the next second', async () => {
      await bench.set(dn('ben.otto@staff'), { title: 'Clerk' });
      const now = (await changes(directory)).watermark;
      return now !== seeded && now;
    });
    expect(watermark).toMatch(/^modifyTimestamp \d{14}Z$/);
    await bench.set(dn('ada.byrne@staff'), { title: 'Clerk' });
    expect(whos(await changes(directory, watermark))).toContain('ada.byrne@staff');
    expect(whos(await changes(bench.directory, watermark))).toBe('everybody'); // another way's watermark
  });
});

describe("Active Directory's attributes", () => {
  let bench: LdapBench;
  beforeAll(async () => {
    if (!('missing' in slapd)) bench = await startLdapBench(slapd, 'activeDirectory');
  });
  afterAll(() => bench?.close());

  it('by uSNChanged of one domain controller; another one starts anew', async () => {
    const { watermark } = await changes(bench.directory);
    // The bytes 00112233445566778899aabbccddeeff as Microsoft writes them.
    expect(watermark).toBe(`uSNChanged 33221100-5544-7766-8899-aabbccddeeff ${HIGHEST_USN}`);
    expect(whos(await changes(bench.directory, watermark))).toEqual([]);
    await bench.set(personDn('activeDirectory', 'ada.byrne@staff'), { title: 'Director' });
    expect(whos(await changes(bench.directory, watermark))).toEqual(['ada.byrne@staff']);
    const other = watermark.replace('33221100', '00000000');
    expect(whos(await changes(bench.directory, other))).toBe('everybody');
    const ahead = watermark.replace(String(HIGHEST_USN), String(HIGHEST_USN + 1));
    expect(whos(await changes(bench.directory, ahead))).toBe('everybody'); // a restored controller
  });
});
