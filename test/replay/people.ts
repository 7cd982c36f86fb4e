/**
 * The people of the recorded histories. Logins say nothing (`w1001@staff`); everything else about them is a word that stands nowhere else, so that
 * a leak is seen by looking for it.
 */
import type { Person } from '../../src/domain/person.ts';
import { person } from '../support/fakes.ts';

const GIVEN = ['Xanthippe', 'Quillon', 'Zephyrine', 'Balthasarius'];
const FAMILY = ['Quarrelwood', 'Vantongeren', 'Thistlethwaite', 'Oyelaran-Bix'];
const DEPARTMENT = 'Plunderphonics';
const COMPANY = 'northwind.example';

/** Words that no history may hold, in clear or decoded. */
export const PERSONAL: readonly string[] = [...GIVEN, ...FAMILY, DEPARTMENT, COMPANY, '+47 555 01'];

/** Planted in errors of systems and directory: a foreign text may hold anything. */
export const SECRETS = {
  password: 'Hunter2-planted-password',
  token: 'planted-bearer-token-7f3a',
  pasted: 'Hunter3-pasted-password',
  database: 'postgres://tenure:planted@ledger.internal/tenure',
} as const;

/** What a careless library throws: secrets, names and mails in one sentence. */
export function leakyError(): Error {
  return new Error(
    `POST /users failed for ${GIVEN[0]} ${FAMILY[0]} <xanthippe.quarrelwood@${COMPANY}>: password=${SECRETS.password} authorization=Bearer ${SECRETS.token} ${SECRETS.database}`,
  );
}

/** Person number `n`, in the directory's words. */
export function human(n: number, over: Partial<Person> = {}): Person {
  const [given, family] = [GIVEN[n % GIVEN.length] ?? '', FAMILY[n % FAMILY.length] ?? ''];
  const mail = `${given}.${family}@${COMPANY}`.toLowerCase();
  return person(whoOf(n), {
    fields: {
      email: mail,
      givenName: given,
      surname: family,
      displayName: `${given} ${family}`,
      department: DEPARTMENT,
    },
    attributes: {
      mail,
      cn: `${given} ${family}`,
      telephoneNumber: `+47 555 01${n}`,
      initialPassword: SECRETS.password,
    },
    ...over,
  });
}

export const whoOf = (n: number): string => `w${n}@staff`;
