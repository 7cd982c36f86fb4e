/** Who may act in a seed. */
import type { Hire } from './company.ts';

export const staff = (login: string, given: string, family: string, mail = `${login}@northwind.example`): Hire => ({
  login,
  partition: 'staff',
  given,
  family,
  mail,
});

/** The acting part of the seed company, by the department they begin in. */
export const EXISTING: { hire: Hire; department: string }[] = [
  { hire: staff('ada.byrne', 'Ada', 'Byrne'), department: 'Marketing' },
  { hire: staff('ben.otto', 'Ben', 'Otto'), department: 'Post' },
  { hire: staff('chiara.rossi', 'Chiara', 'Rossi'), department: 'Legal' },
  { hire: staff('kofi.mensah', 'Kofi', 'Mensah'), department: 'Post' },
  { hire: staff('ingrid.solberg', 'Ingrid', 'Solberg'), department: 'Legal' },
];

/** Who may be hired: some have an account in iconik already, by their mail. */
export const NEWCOMERS: Hire[] = [
  staff('søren.åkesson', 'Søren', 'Åkesson', 'soren.akesson@northwind.example'),
  staff('alex.kim', 'Alex', 'Kim'),
  staff('emily.carter', 'Emily', 'Carter'),
  staff('nora.lind', 'Nora', 'Lind'),
  staff('théo.d’arc', 'Théo', 'd’Arc', 'theo.darc@northwind.example'),
  staff('ivy@acme', 'Ivy', 'Summers', 'ivy@acme.example'),
];
/** People of agencies. */
export const OUTSIDERS: Hire[] = [
  {
    login: 'lena.fischer',
    partition: 'contractors',
    given: 'Lena',
    family: 'Fischer',
    mail: 'lena.fischer@northwind.example',
  },
  { login: 'pia.frei', partition: 'contractors', given: 'Pia', family: 'Frei', mail: 'pia@agency.example' },
];
