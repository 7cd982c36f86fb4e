import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { seenUsers } from '../../../test/support/cloudinarySeen.ts';
import {
  applyCall,
  call,
  mail,
  startCloudinaryBench,
  type CloudinaryBench,
} from '../../../test/support/cloudinaryStandIn.ts';
import { person } from '../../../test/support/fakes.ts';
import type { Actual, Due } from '../../domain/change.ts';
import { plan } from '../../domain/plan.ts';

let bench: CloudinaryBench;
beforeAll(async () => void (bench = await startCloudinaryBench()));
beforeEach(async () => await bench.reset());
afterAll(async () => await bench.close());

const noor = person('noor.haddad@staff');
const profile = { email: mail('noor.haddad'), name: 'Noor Haddad', role: 'media_library_user' };
const managed = { managed: ['cloudinary:**'], protected: [] };
const due = (account: Due['account'], ...keys: string[]): Due => ({
  account,
  urgent: false,
  profile: account === 'present' ? profile : {},
  entitlements: keys.map((key) => `cloudinary:${key}`).sort(),
  waiting: [],
});

/** Reads, plans and applies until nothing differs, as the engine does; the operations made, in order. */
async function settle(nativeId: string | undefined, wanted: Due): Promise<{ id: string; made: string[] }> {
  const { target } = bench.system;
  const account = { person: noor, ...(nativeId !== undefined && { nativeId }) };
  const made: string[] = [];
  for (let pass = 0; pass < 5; pass++) {
    const actual: Actual = await target.read(account, [...managed.managed, ...wanted.entitlements], call);
    const { changes } = plan(wanted, actual, managed, { mode: 'apply', person: noor.who });
    if (changes.length === 0) return { id: account.nativeId ?? '', made };
    for (const change of changes) {
      const applied = await target.apply(account, change, actual, applyCall);
      expect(applied.outcome).toBe('done');
      if (applied.nativeId !== undefined) account.nativeId = applied.nativeId;
      made.push(change.op);
    }
  }
  throw new Error(`Still different: ${made.join(', ')}`);
}

/** Where the contract leaves it open, Cloudinary may behave in either way; the same life must come out. */
const worlds: Record<string, string | number | boolean>[] = [
  {},
  { knownEmail: 400, addMemberTwice: 409, removeNonMember: 404, grantHeldRole: 409, removeAbsentRole: 404 },
  { cursorPlace: 'data', inspectPageSize: 1, secretsInLists: 'omitted', accountRateHeaders: 'absent' },
  { removeInheritedRole: 400, unknownParameterValue: 200, disabledFreesSeat: true, defaultRole: 'refuse' },
];

describe.each(worlds)('in a world with %j', (world) => {
  test('a person joins, moves, leaves and comes back', async () => {
    for (const [constant, value] of Object.entries(world)) await bench.choose(constant, value);
    const seen = async () => seenUsers(await bench.state(), mail('noor.haddad'))[0];
    const common = ['environment/northwind', 'role/ml_user@northwind'];

    const { id } = await settle(
      undefined,
      due('present', ...common, 'group/Marketing', 'folder/Marketing#editor@northwind'),
    );
    expect(await seen()).toMatchObject({
      enabled: true,
      groups: ['Marketing'],
      environments: ['northwind'],
      roles: ['folder::editor@northwind/Marketing', 'prodenv::ml_user@northwind'],
    });

    await settle(id, due('present', ...common, 'group/Legal', 'folder/Legal/Rights#viewer@northwind'));
    expect(await seen()).toMatchObject({
      groups: ['Legal'],
      roles: ['folder::viewer@northwind/Legal/Rights', 'prodenv::ml_user@northwind'],
    });

    const { made } = await settle(id, due('disabled'));
    expect(made[0]).toBe('disable');
    expect(await seen()).toMatchObject({ enabled: false, groups: [], environments: ['northwind-archive'], roles: [] });

    await settle(id, due('present', 'environment/northwind', 'group/Post Production'));
    expect(await seen()).toMatchObject({
      enabled: true,
      groups: ['Post Production'],
      environments: ['northwind'],
      roles: [],
    });
  });
});

test('a SAML log-in that writes groups again is seen by the next read and mended', async () => {
  const wanted = due('present', 'environment/northwind', 'group/Legal');
  const { id } = await settle(undefined, wanted);
  await bench.act({ action: 'acceptInvitation', email: mail('noor.haddad') });
  await bench.act({ action: 'samlLogin', email: mail('noor.haddad'), groups: ['Marketing'], overwrite: true });
  expect((await settle(id, wanted)).made).toEqual(['grant', 'revoke']);
  expect(seenUsers(await bench.state(), mail('noor.haddad'))[0]?.groups).toEqual(['Legal']);
});
