import { describe, expect, test } from '@jest/globals';
import { cloudinarySystem } from './system.ts';

const BLOCK = {
  url: 'https://api.cloudinary.com',
  accountId: 'a',
  provisioningKey: 'k',
  provisioningSecret: 'env:CLOUDINARY_PROVISIONING_SECRET',
  environments: [{ cloud: 'northwind', apiKey: 'x', apiSecret: 'env:CLOUDINARY_API_SECRET' }],
  fallbackEnvironment: 'northwind-archive',
};
const problems = (more: object): string[] => {
  const parsed = cloudinarySystem.block.safeParse({ ...BLOCK, ...more });
  if (!parsed.success) return parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  const found: string[] = [];
  cloudinarySystem.check(parsed.data as Parameters<typeof cloudinarySystem.check>[0], (path, message) =>
    found.push(`${path.join('.')}: ${message}`),
  );
  return found;
};

describe('systems.cloudinary', () => {
  test('needs no more than this', () => expect(problems({})).toEqual([]));

  test.each([
    [{ environments: [] }, 'environments: must name at least one product environment'],
    [
      { environments: [BLOCK.environments[0], BLOCK.environments[0]] },
      'environments.1.cloud: "northwind" is there twice',
    ],
    [
      { environments: [{ ...BLOCK.environments[0], cloud: 'North Wind' }] },
      'environments.0.cloud: must be a cloud name',
    ],
    [
      { keyOwners: { 'Trailer sync': ['tom.weber'] } },
      'keyOwners.Trailer sync.0: "tom.weber" must be written login@partition',
    ],
    [{ keyOwners: { 'Trailer sync': [] } }, 'keyOwners.Trailer sync: must name at least one person'],
    [{ provisioningSecret: 'a secret itself' }, 'provisioningSecret: must say where the secret is'],
  ])('%j is told with its place', (more, said) => expect(problems(more)).toEqual([expect.stringContaining(said)]));

  test('says which secrets it will need', () => {
    const block = cloudinarySystem.block.parse(BLOCK) as Parameters<typeof cloudinarySystem.secrets>[0];
    expect(cloudinarySystem.secrets(block).map(([, ref]) => ref)).toEqual([
      'env:CLOUDINARY_PROVISIONING_SECRET',
      'env:CLOUDINARY_API_SECRET',
    ]);
  });
});
