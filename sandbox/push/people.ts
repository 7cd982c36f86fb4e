import { createHash } from 'node:crypto';
import type { CompanyPerson } from '../company.ts';
import { refOf } from '../company.ts';

/** A device token as FCM's look (`<22 characters>:APA91b<134 characters>`), the same for the same person each time. */
export function deviceTokenOf(who: string): string {
  const part = (n: number): string => createHash('sha512').update(`${n} ${who}`).digest('base64url');
  return `${part(0).slice(0, 22)}:APA91b${`${part(1)}${part(2)}`.slice(0, 134)}`;
}

/** Who carries a phone, and whether it is an iPhone: every third one is. */
export function carriersOf(people: readonly CompanyPerson[]): { user: string; platform: 'android' | 'ios' }[] {
  return people.map((person, i) => ({ user: refOf(person), platform: i % 3 === 2 ? 'ios' : 'android' }));
}
