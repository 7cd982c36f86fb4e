import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { call, mail, startCloudinaryBench, type CloudinaryBench } from '../../../test/support/cloudinaryStandIn.ts';

let bench: CloudinaryBench;
beforeAll(async () => void (bench = await startCloudinaryBench()));
beforeEach(async () => await bench.reset());
afterAll(async () => await bench.close());

const nothing = { enters: [], environments: {}, folders: {}, collections: {} };
const rights = async (login: string) => await bench.system.effectiveRights(await bench.idOf(mail(login)), call);

describe('effective rights', () => {
  test('are the roles of the person and of their groups, reaching down the tree, each with where it comes from', async () => {
    expect(await rights('ada.byrne')).toMatchObject({
      enters: ['northwind'],
      environments: { northwind: { may: ['ml::access'], by: ['group Marketing'] } },
      folders: {
        'northwind/Marketing': { may: ['add_assets', 'view_download'], by: ['group Marketing'] },
        'northwind/Marketing/EMEA': {
          may: expect.arrayContaining(['add_assets', 'delete_assets', 'share']),
          by: ['direct', 'group Marketing'],
        },
      },
    });
  });

  test('on a collection are listed by its id', async () => {
    const [collection] = Object.keys((await bench.state()).collections);
    const entitlement = `cloudinary:collection/${collection}#viewer@northwind`;
    await bench.change(await bench.idOf(mail('ben.otto')), { op: 'grant', entitlement });
    expect((await rights('ben.otto')).collections).toEqual({
      [`northwind/${collection}`]: { may: ['view'], by: ['direct'] },
    });
  });

  test.each([
    ['an invitation that was not followed', 'emily.carter', undefined],
    ['an account that is closed', 'fatima.zahra', undefined],
    [
      'a folder role without one that opens the Media Library',
      'tom.weber',
      { group: 'Post Production', present: false },
    ],
    ['roles in an environment that is not entered', 'ben.otto', { set: { sub_account_ids: ['archive'] } }],
  ])('%s allows nothing', async (_what, login, edit) => {
    const [archive] = Object.values((await bench.state()).environments).filter((one) => one.cloud_name !== 'northwind');
    const set = edit && 'set' in edit ? { set: { sub_account_ids: [archive?.id] } } : edit;
    if (set) await bench.act({ action: 'edit', user: mail(login), ...set });
    expect(await rights(login)).toEqual(nothing);
  });

  test('of an account role that needs no other are everything', async () => {
    expect(await rights('dmitri.volkov')).toEqual({ ...nothing, everything: 'media_library_admin' });
  });
});
