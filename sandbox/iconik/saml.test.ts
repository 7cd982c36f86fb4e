import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Item, Trial } from './trial.ts';
import { startTrial } from './trial.ts';

/** Log-in by an identity provider, as `/act samlLogin` plays it (contract section 10). */
let iconik: Trial;
beforeAll(async () => {
  iconik = await startTrial();
});
afterAll(() => iconik.close());
beforeEach(() => iconik.control('POST', '/reset'));

type Login = { id: string; created: boolean; joined: string[]; left: string[]; type: string; primary_group: string };
const login = (email: string, groups?: string[]): Promise<Login> =>
  iconik.act<Login>('samlLogin', { email, first_name: 'Nina', last_name: 'New', ...(groups ? { groups } : {}) });

const person = async (id: string): Promise<Item & Record<string, unknown>> =>
  (await iconik.owner('GET', `users/v1/users/${id}/`)).body;

const NINA = 'nina@northwind.example';

describe('the first log-in', () => {
  test('makes the user, bound to the provider, without a mail', async () => {
    const { id, created } = await login(NINA);
    expect(created).toBe(true);
    const user = await person(id);
    expect(user).toMatchObject({ email: NINA, first_name: 'Nina', system_metadata: { saml_created: true } });
    expect(user['identity_provider_id']).toEqual(expect.any(String));
    expect(user['last_web_login']).toEqual(expect.any(String));
    expect((await iconik.control<{ messages: object[] }>('GET', '/outbox')).messages).toEqual([]);
    expect((await login(NINA)).created).toBe(false);
  });

  test('finds who was made ahead by e-mail, whatever the case; unbound people may be refused by choice', async () => {
    const ada = await iconik.user('Ada.Byrne@Northwind.example');
    expect(await login('ada.byrne@northwind.example')).toMatchObject({ id: ada.id, created: false });
    await iconik.choose('samlUnboundUser', 'refused');
    await expect(login('ben.otto@northwind.example')).rejects.toThrow('not bound');
  });

  test('nobody inactive gets in, and no domain without a provider', async () => {
    await expect(login('fatima.zahra@northwind.example')).rejects.toThrow('INACTIVE');
    await expect(login('guest@festival.example')).rejects.toThrow('No identity provider');
  });
});

describe('group claims', () => {
  test('by name or by mapping lead in; a claim that is gone leads out; matched groups are marked', async () => {
    const brand = await iconik.team('Unit Brand');
    await iconik.owner('POST', 'users/v1/groups/mappings/', { name: 'idp-brand', group_id: brand.id });
    const first = await login(NINA, ['Legal', 'idp-brand', 'Unknown']);
    expect([first.joined.sort(), first.left]).toEqual([['Legal', 'Unit Brand'], []]);
    const legal = await iconik.team('Legal');
    expect(legal).toMatchObject({ is_saml_group: true });
    expect(await iconik.team('Marketing')).toMatchObject({ is_saml_group: false });
    const second = await login(NINA, ['idp-brand', 'Marketing']);
    expect([second.joined, second.left]).toEqual([['Marketing'], ['Legal']]);
    expect((await person(first.id)).groups).not.toContain(legal.id);
    await iconik.choose('samlClaimGone', 'keeps');
    expect((await login(NINA, [])).left).toEqual([]);
  });

  test('no claims at all change nothing', async () => {
    await login(NINA, ['Legal']);
    expect(await login(NINA)).toMatchObject({ joined: [], left: [] });
  });

  test('a membership given by hand in a SAML group is undone at the next log-in, one in another group is not', async () => {
    await login(NINA, ['Legal']);
    const ben = await iconik.user('ben.otto@northwind.example');
    await iconik.act('edit', { user: ben.id, group: 'Legal', present: true });
    const { left } = await login(ben.email, ['Marketing']);
    expect(left).toEqual(['Legal']);
    expect((await person(ben.id)).groups).toContain((await iconik.team('Post Americas')).id);
  });

  test('a renamed group is no longer matched', async () => {
    const legal = await iconik.team('Legal');
    await iconik.owner('PATCH', `users/v1/teams/${legal.id}/`, { name: 'Law' });
    expect((await login(NINA, ['Legal'])).joined).toEqual([]);
  });

  test('the highest priority above 0 sets primary group and type; losing it falls back to Everyone', async () => {
    const [legal, brand] = [await iconik.team('Legal'), await iconik.team('Unit Brand')];
    const set = (team: Item, saml_primary_group_priority: number, default_user_type: string): Promise<unknown> =>
      iconik.owner('PATCH', `users/v1/teams/${team.id}/`, {
        name: team.name,
        saml_primary_group_priority,
        default_user_type,
      });
    await set(legal, 2, 'BROWSE_ONLY');
    await set(brand, 5, 'POWER');
    const first = await login(NINA, ['Legal', 'Unit Brand']);
    expect([first.primary_group, first.type]).toEqual([brand.id, 'POWER']);
    const second = await login(NINA, ['Legal']);
    expect([second.primary_group, second.type]).toEqual([legal.id, 'BROWSE_ONLY']);
    const third = await login(NINA, []);
    expect(third.primary_group).toBe((await iconik.team('Everyone')).id);
  });
});
