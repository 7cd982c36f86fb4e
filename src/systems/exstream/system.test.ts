import { expect, test } from '@jest/globals';
import { block } from './block.ts';
import { domainsIn } from './carriers.ts';
import { exstreamSystem } from './system.ts';

const good = {
  url: 'https://exstream.example.com',
  tokenUrl: 'https://otds.example.com/otdsws/otdstenant/northwind/oauth2/token',
  clientId: 'tenure',
  clientSecret: 'env:EXSTREAM_CLIENT_SECRET',
  otds: { url: 'https://otds.example.com', partitions: ['staff', 'exstream.role'] },
  accessRole: 'Access to Exstream',
  domains: { Marketing: {}, 'Regional EMEA': { clientId: 'emea', clientSecret: 'env:EMEA_SECRET' } },
  roles: { 'designer@Marketing': 'Designers@exstream.role', 'author@Regional EMEA': 'Authors EMEA@exstream.role' },
};

function problems(change: object): string[] {
  const found: string[] = [];
  exstreamSystem.check(block.parse({ ...good, ...change }), (path, message) =>
    found.push(`${path.join('.')}: ${message}`),
  );
  return found;
}

test('a good block has nothing wrong, observes unless told otherwise, and names its secrets', () => {
  expect(problems({})).toEqual([]);
  const config = block.parse(good);
  expect([config.mode, config.manageGroupRoles]).toEqual(['observe', false]);
  expect(exstreamSystem.secrets(config)).toEqual([
    [['clientSecret'], 'env:EXSTREAM_CLIENT_SECRET'],
    [['domains', 'Regional EMEA', 'clientSecret'], 'env:EMEA_SECRET'],
  ]);
});

test.each([
  [
    { roles: { ...good.roles, 'reviewer@Marketing': 'designers@exstream.role' } },
    /each right needs a group of its own/,
  ],
  [{ roles: { 'designer@Sales': 'Designers@exstream.role' } }, /"Sales" is not among the domains/],
  [{ roles: { 'designer@Marketing': 'Designers@elsewhere' } }, /partition of Designers@elsewhere is not among/],
  [
    { domains: { ...good.domains, Marketing: { clientId: 'x' } } },
    /domains.Marketing: .* both clientId and clientSecret/,
  ],
  [{ otds: { ...good.otds, clientId: 'x' } }, /^otds: .* both clientId and clientSecret/],
  [{ otds: { ...good.otds, synchronised: ['field'] } }, /"field" is not among the partitions/],
])('%j is told', (change, message) => {
  expect(problems(change)).toEqual([expect.stringMatching(message)]);
});

test.each([
  { clientSecret: 'a-secret-itself' },
  { roles: { designer: 'Designers@exstream.role' } },
  { roles: { 'designer@Marketing': 'Designers' } },
  { permissionDigests: { designer: 'abc' } },
  { tokenUrl: 'otds.example.com' },
  { generation: 'server' },
])('%j is refused', (change) => {
  expect(block.safeParse({ ...good, ...change }).success).toBe(false);
});

test.each([
  [['exstream:role/*@*'], ['Marketing', 'Regional EMEA']],
  [['exstream:role/designer@Regional *'], ['Regional EMEA']],
  [['exstream:role/author@Marketing', 'iconik:team/*'], ['Marketing']],
  [['exstream:**'], ['Marketing', 'Regional EMEA']],
  [['otds:group/x@Marketing'], []],
  [[], []],
])('%j is about the domains %j', (interest, domains) => {
  expect(domainsIn(interest, ['Marketing', 'Regional EMEA'])).toEqual(domains);
});
