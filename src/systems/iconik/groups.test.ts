import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { startIconikBench, type IconikBench } from '../../../test/support/iconikStandIn.ts';

let bench: IconikBench;
beforeAll(async () => void (bench = await startIconikBench()));
beforeEach(async () => await bench.reset());
afterAll(async () => await bench.close());

const grant = (entitlement: string) => ({ op: 'grant' as const, entitlement });
const revoke = (entitlement: string) => ({ op: 'revoke' as const, entitlement });
const keys = async (id: string, how = 'direct') =>
  (await bench.read(id)).held.filter((h) => h.how === how).map((h) => h.key);
const primary = async (email: string) => {
  const owner = bench.system.client;
  const page = await owner.raw('/API/users/v1/users/', { signal: AbortSignal.timeout(5000) }, { email });
  const { objects } = page.json() as { objects: { primary_group: string }[] };
  const groups = await owner.raw('/API/users/v1/teams/', { signal: AbortSignal.timeout(5000) }, { per_page: 100 });
  return (groups.json() as { objects: { id: string; name: string }[] }).objects.find(
    (g) => g.id === objects[0]?.primary_group,
  )?.name;
};

describe('teams and role groups', () => {
  test('are granted and revoked one by one, and repeating is success without a write', async () => {
    const id = await bench.idOf('ada.byrne@northwind.example');
    await bench.apply(
      id,
      grant('iconik:team/Marketing'),
      grant('iconik:team/Unit Brand'),
      grant('iconik:roles/Reviewer'),
    );
    expect(await keys(id)).toEqual(['iconik:roles/Reviewer', 'iconik:team/Marketing', 'iconik:team/Unit Brand']);
    await bench.writes();
    await bench.apply(id, grant('iconik:team/Marketing'), revoke('iconik:team/Legal'));
    expect(await bench.writes()).toEqual([]);
    await bench.apply(id, revoke('iconik:team/Unit Brand'), revoke('iconik:roles/Reviewer'));
    expect(await keys(id)).toEqual(['iconik:team/Marketing']);
  });

  test('a repeat that the client could not foresee counts as done too', async () => {
    await bench.choose('addMemberTwice', 409);
    const id = await bench.idOf('ada.byrne@northwind.example');
    await bench.apply(id, grant('iconik:team/Marketing'));
    // The read before the write shows the state from before somebody else granted it.
    await bench.fault({
      match: { method: 'GET', path: `/API/users/v1/users/${id}/` },
      skip: 1,
      times: 1,
      fault: { kind: 'stale', ms: 600_000 },
    });
    await bench.writes();
    expect(await bench.apply(id, grant('iconik:team/Marketing'))).toEqual([{ outcome: 'done' }]);
    expect((await bench.writes())[0]?.status).toBe(409);
  });

  test('a name that iconik does not have is refused in our words', async () => {
    const id = await bench.idOf('ada.byrne@northwind.example');
    await expect(bench.apply(id, grant('iconik:team/Mrketing'))).rejects.toMatchObject({
      code: 'ICONIK_UNKNOWN_TEAM',
      retryable: false,
      message: expect.stringContaining('"Mrketing"'),
    });
    // A role group is no team.
    await expect(bench.apply(id, grant('iconik:team/Reviewer'))).rejects.toMatchObject({ code: 'ICONIK_UNKNOWN_TEAM' });
    await expect(bench.apply(id, grant('iconik:squad/Marketing'))).rejects.toMatchObject({
      code: 'ICONIK_UNKNOWN_ENTITLEMENT',
    });
  });

  test('teams of iconik itself are reported as not ours, and never written', async () => {
    const id = await bench.idOf('omar.haddad@northwind.example');
    expect(await keys(id, 'inherited')).toEqual(['iconik:roles/Administrator', 'iconik:team/Everyone']);
    for (const change of [
      revoke('iconik:team/Everyone'),
      grant('iconik:team/everyone'),
      revoke('iconik:roles/Administrator'),
      grant('iconik:roles/Administrator'),
    ])
      await expect(bench.apply(id, change)).rejects.toMatchObject({ code: 'ICONIK_SYSTEM_GROUP', retryable: false });
    expect(await bench.writes()).toEqual([]);
    expect((await bench.read(id)).warnings).toEqual(expect.arrayContaining([expect.stringContaining('domain owner')]));
  });

  test('a team made after the names were learnt is found', async () => {
    const id = await bench.idOf('ada.byrne@northwind.example');
    await bench.apply(id, grant('iconik:team/Marketing'));
    await bench.system.client.write(
      { method: 'POST', at: '/API/users/v1/teams/', json: { name: 'Ünit #7 / "x" @y' }, about: 'test' },
      { signal: AbortSignal.timeout(5000) },
    );
    await bench.apply(id, grant('iconik:team/Ünit #7 / "x" @y'));
    expect(await keys(id)).toContain('iconik:team/Ünit #7 / "x" @y');
  });

  describe('a team renamed after the names were learnt', () => {
    const rename = async (): Promise<void> => {
      const signal = AbortSignal.timeout(5000);
      const { client } = bench.client({});
      const reply = await client.raw('/API/users/v1/teams/', { signal }, { per_page: 100 });
      const { objects } = reply.json() as { objects: { id: string; name: string }[] };
      const id = objects.find((team) => team.name === 'Post Production')?.id ?? '';
      const at = `/API/users/v1/teams/${id}/`;
      await client.write({ method: 'PATCH', at, json: { name: 'Closed Archive' }, about: 'test' }, { signal });
    };

    test('does not receive what its old name was due', async () => {
      const id = await bench.idOf('ada.byrne@northwind.example');
      await bench.read(id);
      await rename();
      await expect(bench.apply(id, grant('iconik:team/Post Production'))).rejects.toMatchObject({
        code: 'ICONIK_UNKNOWN_TEAM',
      });
    });

    test('does not lose what its old name was to lose', async () => {
      const id = await bench.idOf('ben.otto@northwind.example');
      await bench.read(id);
      await rename();
      await bench.apply(id, revoke('iconik:team/Post Production'));
      expect(await keys(id)).toContain('iconik:team/Closed Archive');
    });
  });

  test('two teams of one name count as one, cannot be granted, and are both revoked', async () => {
    const { client } = bench.system;
    const signal = AbortSignal.timeout(5000);
    const made = await client.write(
      { method: 'POST', at: '/API/users/v1/teams/', json: { name: 'Legal' }, about: 'test' },
      { signal },
    );
    const second = made.outcome === 'done' ? (made.body as { id: string }).id : '';
    const id = await bench.idOf('victor.lang@northwind.example');
    await bench.act({ action: 'edit', user: id, group: second, present: true });
    const actual = await bench.read(id);
    expect(actual.held.filter((h) => h.key === 'iconik:team/Legal')).toHaveLength(1);
    expect(actual.warnings).toEqual([expect.stringContaining('Several teams')]);
    const ada = await bench.idOf('ada.byrne@northwind.example');
    await expect(bench.apply(ada, grant('iconik:team/Legal'))).rejects.toMatchObject({ code: 'ICONIK_AMBIGUOUS_NAME' });
    await bench.apply(id, revoke('iconik:team/Legal'));
    expect(await keys(id)).toEqual(['iconik:roles/Reviewer']);
  });

  test.each(['union', 'legacyOnly'])('`groups` of a user: %s', async (value) => {
    await bench.choose('userGroupsField', value);
    const id = await bench.idOf('tom.weber@northwind.example');
    expect(await keys(id)).toEqual(['iconik:roles/Editor', 'iconik:team/Post EMEA', 'iconik:team/Post Production']);
  });
});

describe('the primary team', () => {
  test('the first team granted becomes primary', async () => {
    const id = await bench.idOf('ada.byrne@northwind.example');
    await bench.apply(id, grant('iconik:team/Unit Brand'), grant('iconik:team/Marketing'));
    expect(await primary('ada.byrne@northwind.example')).toBe('Unit Brand');
  });

  test.each([400, 403, 409])(
    'a mover gets the new team as primary before the old one goes (refusal %i)',
    async (status) => {
      await bench.choose('removePrimaryGroup', status);
      const id = await bench.idOf('ben.otto@northwind.example');
      await bench.apply(id, grant('iconik:team/Marketing'), revoke('iconik:team/Post Production'));
      expect(await primary('ben.otto@northwind.example')).toBe('Marketing');
      expect(await keys(id)).toEqual([
        'iconik:roles/Editor',
        'iconik:team/Marketing',
        'iconik:team/Post Americas',
        'iconik:team/Unit Trailers',
      ]);
      expect((await bench.writes()).every((w) => w.status !== null && w.status < 300)).toBe(true);
    },
  );

  test('a leaver falls back once, and loses every team', async () => {
    const id = await bench.idOf('ben.otto@northwind.example');
    await bench.apply(id, { op: 'disable', profile: {} });
    await bench.writes();
    await bench.apply(
      id,
      revoke('iconik:team/Post Americas'),
      revoke('iconik:team/Post Production'),
      revoke('iconik:team/Unit Trailers'),
    );
    expect(await primary('ben.otto@northwind.example')).toBe('Everyone');
    expect(await keys(id)).toEqual(['iconik:roles/Editor']);
    expect((await bench.writes()).map((w) => w.method)).toEqual(['DELETE', 'PATCH', 'DELETE', 'DELETE']);
  });

  test('a fallback team of our own is joined first, and then not ours to take away', async () => {
    const own = bench.client({ config: { fallbackTeam: 'Contractors' } });
    const id = await bench.idOf('victor.lang@northwind.example');
    const account = { person: { uuid: 'u' } as never, nativeId: id };
    const signal = AbortSignal.timeout(5000);
    const actual = await own.target.read(account, [], { signal });
    await own.target.apply(account, revoke('iconik:team/Legal'), actual, {
      signal,
      withSharedObject: async (_o, work) => await work(),
    });
    const after = await own.target.read(account, [], { signal });
    expect(await primary('victor.lang@northwind.example')).toBe('Contractors');
    expect(after.held.filter((h) => h.key.startsWith('iconik:team/'))).toEqual([
      { key: 'iconik:team/Contractors', how: 'inherited' },
      { key: 'iconik:team/Everyone', how: 'inherited' },
    ]);
  });

  test('without a fallback a last team stays, and is said to', async () => {
    const own = bench.client({ config: { fallbackTeam: 'No Such Team' } });
    const id = await bench.idOf('victor.lang@northwind.example');
    const account = { person: { uuid: 'u' } as never, nativeId: id };
    const signal = AbortSignal.timeout(5000);
    const actual = await own.target.read(account, [], { signal });
    expect(actual.warnings).toEqual([expect.stringContaining('"No Such Team" does not exist')]);
    await expect(
      own.target.apply(account, revoke('iconik:team/Legal'), actual, {
        signal,
        withSharedObject: async (_o, work) => await work(),
      }),
    ).rejects.toMatchObject({
      code: 'ICONIK_NO_FALLBACK_TEAM',
    });
  });
});
