import { expect, test } from '@jest/globals';
import { unusedUrl } from '../../../test/support/iconikStandIn.ts';
import { defaultChoices } from './choices.ts';
import { Plane } from './plane.ts';

test('a list of environments that is empty by whatever mistake is not sent: it would open all of them', async () => {
  const plane = new Plane({
    name: 'the account',
    url: await unusedUrl(),
    limits: { requestMs: 1_000, perSecond: 10, concurrent: 1 },
    choices: defaultChoices,
    key: 'k',
    secret: () => 's',
    log: undefined,
  });
  const call = { signal: new AbortController().signal };
  const write = async (sub_account_ids: string[]) =>
    await plane.write({ method: 'PUT', at: '/x', json: { sub_account_ids }, about: 'a user' }, call);
  await expect(write([])).rejects.toMatchObject({ code: 'CLOUDINARY_EVERY_ENVIRONMENT', retryable: false });
  await expect(write(['one'])).rejects.toMatchObject({ code: 'CLOUDINARY_UNAVAILABLE' });
  await plane.close();
});
