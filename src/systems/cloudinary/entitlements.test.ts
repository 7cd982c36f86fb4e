import { describe, expect, test } from '@jest/globals';
import { parseEntitlement } from '../../domain/entitlement.ts';
import { concerns, formatKey, parseKey, shortRole } from './entitlements.ts';

const keys = [
  'cloudinary:group/Marketing/EMEA #1 @home',
  'cloudinary:environment/northwind',
  'cloudinary:environment/all environments',
  'cloudinary:account-role/reports',
  'cloudinary:role/ml_user@northwind',
  'cloudinary:folder/Marketing/EMEA#contributor@northwind',
  'cloudinary:folder/a#b@c/d#viewer@northwind',
  'cloudinary:folder/unknown folder 0f3a#manager@all environments',
  'cloudinary:collection/8d2f#viewer@northwind',
  'cloudinary:content/asset_id=9#viewer@northwind',
  'cloudinary:key/0123456789ab@northwind',
];

describe('entitlement keys', () => {
  test.each(keys)('%s is taken apart and put together again', (key) => {
    const parsed = parseKey(key);
    expect(parsed && formatKey(parsed)).toBe(key);
    expect(parseEntitlement(key)).toMatchObject({ system: 'cloudinary' });
  });

  test.each([
    'iconik:team/Marketing',
    'cloudinary:folder/Marketing@northwind',
    'cloudinary:folder/Marketing#viewer',
    'cloudinary:role/ml_user',
    'cloudinary:team/Marketing',
    'cloudinary:group/',
  ])('%s is none of ours', (key) => expect(parseKey(key)).toBeUndefined());

  test('a path may hold # and @; the last ones count', () => {
    expect(parseKey('cloudinary:folder/a#b@c/d#viewer@northwind')).toEqual({
      kind: 'folder',
      name: 'a#b@c/d',
      role: 'viewer',
      cloud: 'northwind',
    });
  });

  test('system roles go by the last part of their id, custom roles by all of it', () => {
    expect(shortRole('cld::role::folder::viewer')).toBe('viewer');
    expect(shortRole('campaign_reviewer')).toBe('campaign_reviewer');
  });

  test('a kind matters where a key or pattern can mean it', () => {
    for (const interest of ['cloudinary:key/*@*', 'cloudinary:**', 'cloudinary:key/0123456789ab@northwind'])
      expect(concerns([interest], 'key')).toBe(true);
    for (const interest of ['cloudinary:folder/**@*', 'iconik:**', 'cloudinary:group/*'])
      expect(concerns([interest], 'key')).toBe(false);
  });
});
