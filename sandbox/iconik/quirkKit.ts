import { expect } from '@jest/globals';
import type { Credentials } from './seed.ts';
import type { Answer, Body, Item, Trial } from './trial.ts';

/** Requests that the tests of oddities share, as the domain owner unless said otherwise. */
export const U = 'users/v1/users/';
export const LIST = 'acls/v1/acl/collections/';
export const PROPAGATING = 'acls/v1/acl/_propagating_collections/';
export const PERSON = { email: 'n@northwind.example', first_name: 'N', type: 'STANDARD' };
/** What a share has to say. */
export const ALLOW = {
  allow_download: false,
  allow_comments: true,
  allow_approving_comments: false,
  allow_setting_approve_status: false,
};

export type Short = {
  own: (method: string, path: string, body?: unknown) => Promise<Answer>;
  status: (method: string, path: string, body?: unknown) => Promise<number>;
  user: (id: string) => Promise<Body>;
  /** What asking for oneself answers. */
  current: (as: Credentials) => Promise<number>;
  acl: (key: string) => Promise<Body>;
  collection: (parent_id?: string | null) => Promise<Item>;
  /** The status under the usual choice and under the other, and that the reply says on what it rests. */
  both: (constant: string, other: number | string, send: () => Promise<Answer>) => Promise<[number, number]>;
};

export function short(iconik: Trial): Short {
  const own: Short['own'] = (method, path, body) => iconik.owner(method, path, body);
  return {
    own,
    status: async (method, path, body) => (await own(method, path, body)).status,
    user: async (id) => (await own('GET', `${U}${id}/`)).body,
    current: async (as) => (await iconik.api('GET', `${U}current/`, { as })).status,
    acl: async (key) => (await own('GET', `${LIST}${key}/`)).body,
    collection: async (parent_id = null) =>
      (await own('POST', 'assets/v1/collections/?apply_default_acls=false', { title: 'X', parent_id })).body,
    both: async (constant, other, send) => {
      const usual = await send();
      expect(usual.headers.get('x-standin-chosen')).toContain(constant);
      await iconik.choose(constant, other);
      return [usual.status, (await send()).status];
    },
  };
}
