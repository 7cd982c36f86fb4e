export const READ = ['can_read_assets', 'can_read_collections'];
export const EDIT = ['can_create_collections', 'can_write_assets', 'can_write_collections', 'can_write_shares'];
export const work = (...names: string[]): [string, string[]][] =>
  names.flatMap((name) => below(name).map((at): [string, string[]] => [at, ['read', 'write']]));
export const look = (...names: string[]): [string, string[]][] =>
  names.flatMap((name) => below(name).map((at): [string, string[]] => [at, ['read']]));
const below = (name: string): string[] => [name, `${name}/Work in Progress`, `${name}/Finished`];

/** What sample people of the worked example can really do in iconik: roles, and collections with what is allowed there. */
export const sampleRights: [who: string, says: string, roles: string[], collections: [string, string[]][]][] = [
  [
    'lucas.moreau@staff',
    'marketing reviews',
    [...READ, 'can_read_shares'],
    work('Marketing', 'Marketing EMEA', 'Unit Brand'),
  ],
  [
    'ben.otto@staff',
    'post-production edits',
    [...READ, ...EDIT, 'can_read_shares'],
    work('Post Production', 'Post Americas', 'Unit Trailers'),
  ],
  [
    'chiara.rossi@staff',
    'legal approves',
    [...READ, 'can_read_shares', 'can_write_approval_status'],
    work('Legal', 'Legal EMEA', 'Unit Rights'),
  ],
  ['lena.fischer@contractors', 'an agency looks', READ, look('Contractors')],
  ['hannah.klein@staff', 'a desk without a role', ['can_read_collections'], work('Marketing EMEA', 'Unit Trailers')],
];
