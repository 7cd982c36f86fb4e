import type { CompanyPerson, Region } from './company.ts';

/** A person as it stands in the lists below; what is not said follows from login and department. */
export type Row = [
  login: string,
  department: string,
  region: Region,
  unit: string,
  language: string,
  extra?: Partial<CompanyPerson>,
];

export const STAFF: Row[] = [
  ['omar.haddad', 'IT', 'EMEA', '', 'en', { title: 'Chief Operating Officer', manager: null, start: '2016-02-01' }],
  [
    'grace.lee',
    'IT',
    'Americas',
    '',
    'en',
    { title: 'Head of Technology', manager: 'omar.haddad@staff', start: '2017-05-15' },
  ],
  ['ada.byrne', 'Marketing', 'EMEA', 'Brand', 'en', { title: 'Brand Editor', start: '2023-03-01' }],
  ['ben.otto', 'Post', 'Americas', 'Trailers', 'en', { title: 'Senior Editor' }],
  ['chiara.rossi', 'Legal', 'EMEA', 'Rights', 'it', { title: 'Rights Counsel' }],
  ['dmitri.volkov', 'IT', 'EMEA', '', 'en', { title: 'Media Systems Administrator' }],
  ['kofi.mensah', 'Post', 'EMEA', 'Trailers', 'en', { title: 'Head of Post Production', manager: 'omar.haddad@staff' }],
  ['ingrid.solberg', 'Legal', 'EMEA', 'Rights', 'nb', { title: 'General Counsel', manager: 'omar.haddad@staff' }],
  ['søren.åkesson', 'Marketing', 'EMEA', 'Trailers', 'da'],
  ['mária.kováč', 'Post', 'EMEA', 'Brand', 'sk'],
  // Two people of one name.
  ['alex.kim', 'Marketing', 'APAC', 'Brand', 'ko', { mail: 'alex.kim@northwind.example' }],
  ['alex.kim2', 'Post', 'APAC', 'Trailers', 'en', { given: 'Alex', family: 'Kim', displayName: 'Alex Kim' }],
  // Possibly the same human as sam.reyes@contractors.
  ['sam.reyes', 'Post', 'Americas', 'Brand', 'es', { start: '2026-01-12' }],
  // Left, disabled, but still in a group.
  ['tom.weber', 'Post', 'EMEA', 'Trailers', 'de', { disabled: true, end: '2026-06-30' }],
  // Reports to somebody who has left.
  ['jonas.brandt', 'Post', 'EMEA', 'Trailers', 'de', { title: 'Assistant Editor', manager: 'tom.weber@staff' }],
  ['priya.nair', 'Marketing', 'APAC', 'Trailers', 'en'],
  ['lucas.moreau', 'Marketing', 'EMEA', 'Brand', 'fr'],
  ['emily.carter', 'Marketing', 'Americas', 'Brand', 'en'],
  ['diego.alvarez', 'Marketing', 'Americas', 'Trailers', 'es'],
  ['yuki.tanaka', 'Marketing', 'APAC', 'Brand', 'ja'],
  ['hannah.klein', 'Marketing', 'EMEA', 'Trailers', 'de'],
  ['noah.williams', 'Marketing', 'Americas', 'Brand', 'en', { manager: 'emily.carter@staff' }],
  ['mei.chen', 'Post', 'APAC', 'Trailers', 'zh'],
  ['carlos.silva', 'Post', 'Americas', 'Brand', 'pt'],
  ['fatima.zahra', 'Post', 'EMEA', 'Trailers', 'fr'],
  ['oliver.grant', 'Post', 'Americas', 'Trailers', 'en'],
  ['anna.nowak', 'Post', 'EMEA', 'Brand', 'pl'],
  ['hiro.sato', 'Post', 'APAC', 'Brand', 'ja', { title: 'Colourist' }],
  ['david.okoye', 'Legal', 'Americas', 'Rights', 'en'],
  ['julia.santos', 'Legal', 'Americas', 'Rights', 'pt'],
  ['wei.zhang', 'Legal', 'APAC', 'Rights', 'zh'],
  ['marta.ferrer', 'Legal', 'EMEA', 'Rights', 'es', { manager: 'chiara.rossi@staff' }],
  ['peter.novak', 'IT', 'EMEA', '', 'cs', { manager: 'dmitri.volkov@staff' }],
  ['sofia.lund', 'IT', 'EMEA', '', 'sv'],
  ['raj.patel', 'IT', 'APAC', '', 'en'],
  ['claire.dubois', 'Finance', 'EMEA', '', 'fr', { title: 'Head of Finance' }],
  ['mark.ellis', 'Finance', 'Americas', '', 'en', { manager: 'claire.dubois@staff' }],
  ['aiko.mori', 'Finance', 'APAC', '', 'ja', { manager: 'claire.dubois@staff' }],
  ["siobhán.o'neill", 'Finance', 'EMEA', '', 'ga', { manager: 'claire.dubois@staff' }],
];

export const CONTRACTORS: Row[] = [
  [
    'lena.fischer',
    'Marketing',
    'EMEA',
    'Brand',
    'de',
    { title: 'Agency Art Director', manager: 'ada.byrne@staff', end: '2027-03-31' },
  ],
  ['sam.reyes', 'Post', 'Americas', 'Brand', 'es', { end: '2027-01-31', mail: 'sam.reyes@northwind.example' }],
  ['bruno.keller', 'Marketing', 'EMEA', 'Trailers', 'de', { end: '2027-06-30T15:00:00Z' }],
  ['nadia.haddad', 'Marketing', 'EMEA', 'Brand', 'ar', { end: '2027-02-28', manager: 'lucas.moreau@staff' }],
  ['tyler.brooks', 'Post', 'Americas', 'Trailers', 'en', { end: '2027-09-30', manager: 'ben.otto@staff' }],
  ['grace.park', 'Post', 'APAC', 'Trailers', 'ko', { end: '2027-12-31' }],
  ['ewa.zielińska', 'Post', 'EMEA', 'Brand', 'pl', { end: '2027-05-31' }],
  ['ravi.iyer', 'Marketing', 'APAC', 'Brand', 'en', { end: '2028-01-31', manager: 'priya.nair@staff' }],
];

export const PARTNERS: Row[] = [
  [
    'ivy@acme',
    'Partners',
    'Americas',
    '',
    'en',
    { given: 'Ivy', family: 'Summers', displayName: 'Ivy Summers', mail: 'ivy@acme.example' },
  ],
  [
    'paul@acme',
    'Partners',
    'Americas',
    '',
    'en',
    { given: 'Paul', family: 'Adler', displayName: 'Paul Adler', mail: 'paul@acme.example' },
  ],
  [
    'rosa.print',
    'Partners',
    'EMEA',
    '',
    'it',
    { given: 'Rosa', family: 'Conti', displayName: 'Rosa Conti', mail: 'rosa@tipografia.example' },
  ],
  [
    'kenji.print',
    'Partners',
    'APAC',
    '',
    'ja',
    { given: 'Kenji', family: 'Abe', displayName: 'Kenji Abe', mail: 'kenji@insatsu.example' },
  ],
];

export const FIELD: Row[] = [
  ['femi.adeyemi', 'Field', 'EMEA', '', 'en', { title: 'Crew Lead' }],
  ['luca.bianchi', 'Field', 'EMEA', '', 'it'],
  ['tara.singh', 'Field', 'APAC', '', 'en'],
  ['joe.ramirez', 'Field', 'Americas', '', 'es'],
  ['ana.costa', 'Field', 'Americas', '', 'pt'],
  ['sven.berg', 'Field', 'EMEA', '', 'sv'],
  ['leilani.kahale', 'Field', 'APAC', '', 'en'],
  ['bo.nilsson', 'Field', 'EMEA', '', 'sv'],
];
