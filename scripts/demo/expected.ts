/** What each system should say of the people of the demo, by the example policy. Facts as the witness words them. */
import type { Seen } from './witness.ts';

type Expected = Partial<{ [System in keyof Seen]: readonly string[] }>;

const WELCOME = 'reads "Welcome: your access is ready"';
const CHANGED = 'reads "Access has changed"';
const TOLD_OF_CHANGES = ['has a device', WELCOME, CHANGED, `manager ${CHANGED}`];

const LIBRARY = ['open', 'group Media Library Users', 'access role Access to Media Portal'];
const media = (region: string): string[] => [
  'enabled',
  'environment northwind',
  'role ml_user',
  `contributor of Marketing/${region}`,
  'viewer of Marketing/Campaigns',
];
const NOTHING_YET: Expected = {
  iconik: ['no user'],
  cloudinary: ['no user'],
  exstream: ['not let in'],
  ftp: ['on no list'],
};

const BRAND = ['ACTIVE', 'role Reviewer', 'team Everyone', 'team Marketing', 'team Marketing EMEA', 'team Unit Brand'];
const DESIGNER = ['let in', 'commdesigner in Development'];
const ON_ACME = ['on the list of acme'];

export const NORA_IS = {
  before: NOTHING_YET,
  waiting: { otds: LIBRARY, iconik: BRAND, cloudinary: media('EMEA'), exstream: DESIGNER, ftp: ON_ACME },
  after: {
    otds: LIBRARY,
    iconik: [...BRAND, 'role Media Library Admin'],
    cloudinary: [...media('EMEA'), 'group Media Admins'],
    exstream: DESIGNER,
    ftp: ON_ACME,
    push: TOLD_OF_CHANGES,
  },
} satisfies Record<string, Expected>;

const TRAILERS = ['ACTIVE', 'team Everyone', 'team Unit Trailers'];
const EDITOR = ['role Editor', 'team Post Americas', 'team Post Production'];
const REVIEWER = ['role Reviewer', 'team Marketing', 'team Marketing Americas'];

export const BEN_IS = {
  before: {
    otds: LIBRARY,
    iconik: [...TRAILERS, ...EDITOR],
    cloudinary: ['enabled', 'environment northwind', 'group Post Production'],
    exstream: ['let in', 'tenantuser in Production'],
    ftp: ['on the list of printco'],
  },
  inGrace: {
    iconik: [...TRAILERS, ...EDITOR, ...REVIEWER],
    // The group opens the media library; a role of his own comes when the group goes.
    cloudinary: [...media('Americas').filter((fact) => fact !== 'role ml_user'), 'group Post Production'],
    exstream: [...DESIGNER, 'tenantuser in Production'],
    ftp: ON_ACME,
  },
  after: {
    otds: LIBRARY,
    iconik: [...TRAILERS, ...REVIEWER],
    cloudinary: media('Americas'),
    exstream: DESIGNER,
    ftp: ON_ACME,
    push: TOLD_OF_CHANGES,
  },
} satisfies Record<string, Expected>;

export const ADA_IS = {
  before: {
    otds: LIBRARY,
    iconik: BRAND,
    cloudinary: media('EMEA'),
    exstream: ['let in', 'bcauser in Regional EMEA'],
    ftp: ON_ACME,
    push: ['has a device', WELCOME],
  },
  after: {
    otds: ['disabled'],
    iconik: ['INACTIVE', 'team Everyone', 'team Former Members'],
    cloudinary: ['disabled', 'environment northwind-archive'],
    exstream: ['not let in'],
    ftp: ['on no list'],
    push: ['has no device', WELCOME, 'manager reads "Access has been closed"'],
  },
} satisfies Record<string, Expected>;
