import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { Body, Trial } from './trial.ts';
import { startTrial } from './trial.ts';

/** Moderation, metadata and bulk writes. */
let t: Trial;
beforeAll(async () => {
  t = await startTrial();
});
afterEach(() => t.control('POST', '/reset'));
afterAll(() => t.close());

const FILE = 'data:text/plain,hello';
const upload = async (more: object): Promise<Body> =>
  (await t.env('POST', '/image/upload', { body: { file: FILE, ...more } })).body;
const update = (asset: Body, body: object) => t.env('PUT', `/resources/${String(asset['asset_id'])}`, { body });
const read = async (asset: Body): Promise<Body> => (await t.env('GET', `/resources/${String(asset['asset_id'])}`)).body;
const statuses = (asset: Body): string[] => (asset['moderation'] as { status: string }[]).map((one) => one.status);

describe('moderation', () => {
  test('of several kinds the first is pending and the others wait; manual is last', async () => {
    const asset = await upload({ moderation: 'aws_rek|webpurify|manual' });
    expect(statuses(asset)).toEqual(['pending', 'queued', 'queued']);
    expect(statuses((await update(asset, { moderation_status: 'approved' })).body)).toEqual([
      'approved',
      'pending',
      'queued',
    ]);
    expect(statuses((await update(asset, { moderation_status: 'rejected' })).body)).toEqual([
      'approved',
      'rejected',
      'aborted',
    ]);
    const wrong = await t.env('POST', '/image/upload', { body: { file: FILE, moderation: 'manual|webpurify' } });
    expect(wrong.status).toBe(400);
  });

  test('only approved and rejected can be written; back to pending by explicit', async () => {
    const asset = await upload({ moderation: 'manual' });
    for (const status of ['pending', 'queued', 'aborted'])
      expect((await update(asset, { moderation_status: status })).status).toBe(400);
    await update(asset, { moderation_status: 'approved' });
    const body = { public_id: asset['public_id'], type: 'upload', moderation: 'manual' };
    expect(statuses((await t.env('POST', '/image/explicit', { body })).body)).toEqual(['pending']);
  });

  test('one PUT decides and describes, or does nothing of it', async () => {
    const asset = await upload({ moderation: 'manual' });
    const refused = await update(asset, { moderation_status: 'approved', metadata: { nothing: 'x' } });
    expect(refused.status).toBe(400);
    expect(statuses(await read(asset))).toEqual(['pending']);
  });

  test('deciding on an unmoderated asset, a repeat, and the other way are chosen', async () => {
    const plain = await upload({});
    expect((await update(plain, { moderation_status: 'approved' })).status).toBe(400);
    await t.choose('unmoderatedDecision', 200);
    const decided = await update(plain, { moderation_status: 'rejected' });
    expect(statuses(decided.body)).toEqual(['rejected']);
    const back = await update(plain, { moderation_status: 'approved' });
    expect([back.status, statuses(back.body)]).toEqual([200, ['approved']]);
    expect(back.headers.get('x-standin-chosen')).toContain('repeatedDecision');
    await t.choose('repeatedDecision', 400);
    expect((await update(plain, { moderation_status: 'approved' })).status).toBe(400);
  });

  test('pending does not block delivery, access_control does, and a rejection takes it away', async () => {
    const shown = async (asset: string): Promise<unknown> =>
      (await t.act<{ delivered: boolean }>('deliver', { asset })).delivered;
    const asset = await upload({ public_id: 'open', moderation: 'manual' });
    expect(await shown('open')).toBe(true);
    expect(await shown('campaign-hero')).toBe(false);
    const hero = (await t.env('GET', '/resources/image/upload/campaign-hero')).body;
    const from = new Date(Date.now() + 3_600_000).toISOString();
    const later = [{ access_type: 'anonymous', start: from }];
    await update(hero, { moderation_status: 'approved', access_control: later });
    expect(await shown('campaign-hero')).toBe(false);
    await t.control('POST', '/clock', { advance: 7200 });
    expect(await shown('campaign-hero')).toBe(true);
    await update(asset, { moderation_status: 'rejected' });
    expect(await shown('open')).toBe(false);
  });

  test('a new version is a new number and loses the approval, or keeps it', async () => {
    const asset = await upload({ public_id: 'again', moderation: 'manual' });
    await update(asset, { moderation_status: 'approved' });
    const second = await upload({ public_id: 'again' });
    expect(second['asset_id']).toBe(asset['asset_id']);
    expect(Number(second['version'])).toBeGreaterThan(Number(asset['version']));
    expect(second['moderation']).toBeUndefined();
    await t.choose('overwriteModeration', 'kept');
    const third = await t.act<{ version: number }>('newVersion', { asset: 'brand-logo' });
    expect(third.version).toBeGreaterThan(Number(second['version']));
    expect(statuses((await t.env('GET', '/resources/image/upload/brand-logo')).body)).toEqual(['approved']);
  });

  test('a person decides in the Media Library only where their roles reach', async () => {
    const decide = (as: string) => t.act('decide', { as, asset: 'aurora-teaser', status: 'approved' });
    await expect(decide('ben.otto@northwind.example')).rejects.toThrow('403');
    await decide('alex.kim@northwind.example');
    expect(statuses((await t.env('GET', '/resources/video/upload/aurora-teaser')).body)).toEqual(['approved']);
  });

  test('the queue is asked once per resource type and pages by cursor', async () => {
    const page = (cursor = '') => t.env('GET', `/resources/image/moderations/manual/pending?max_results=1${cursor}`);
    const first = (await page()).body;
    const second = (await page(`&next_cursor=${String(first['next_cursor'])}`)).body;
    const ids = [first, second].flatMap((one) => (one['resources'] as { public_id: string }[]).map((r) => r.public_id));
    expect(ids.sort()).toEqual(['campaign-hero', 'campaign-poster']);
    expect(second['next_cursor'] ?? null).toBeNull();
  });
});

describe('bulk writes', () => {
  test('missing ids are dropped, forbidden ones named, ids over 1000 ignored', async () => {
    const asset = await upload({ public_id: 'one' });
    const many = [...Array.from({ length: 1000 }, (_, i) => `x${i}`), 'one'];
    const add = (public_ids: string[], tags = 'a') =>
      t.env('POST', '/image/tags', { body: { public_ids, command: 'add', tags } });
    expect((await add(many)).body).toEqual({ public_ids: [] });
    expect((await add(['one', 'nothing'])).body).toEqual({ public_ids: ['one'] });
    expect((await add(many.slice(0, 1000), Array.from({ length: 11 }, (_, i) => i).join(','))).status).toBe(400);
    expect((await read(asset))['tags']).toEqual(['a']);
  });

  test('partialBulk: half of it is done and 200 says nothing', async () => {
    await t.special('partialBulk');
    const body = { public_ids: ['campaign-hero', 'campaign-poster'], command: 'add', tags: 'late' };
    expect((await t.env('POST', '/image/tags', { body })).body).toEqual({ public_ids: ['campaign-hero'] });
  });
});

describe('structured metadata', () => {
  test('an id that was deleted is never free again', async () => {
    await t.env('DELETE', '/metadata_fields/rights_until');
    const body = { external_id: 'rights_until', label: 'Again', type: 'date' };
    const answer = await t.env('POST', '/metadata_fields', { body });
    expect([answer.status, answer.body]).toEqual([
      400,
      { error: { message: 'external id rights_until already exists' } },
    ]);
  });

  test('writes merge, an empty value clears, enum values are external ids, sets take lists as text', async () => {
    const values = [
      { external_id: 'x', value: 'X' },
      { external_id: 'y"z', value: 'Y' },
    ];
    const body = { external_id: 'where', label: 'Where', type: 'set', datasource: { values } };
    await t.env('POST', '/metadata_fields', { body });
    const asset = await upload({ metadata: { approved_by: 'Ada', review_status: 'draft' } });
    await update(asset, { metadata: 'where=["x","y\\"z"]|approved_by=' });
    expect((await read(asset))['metadata']).toEqual({ review_status: 'draft', where: ['x', 'y"z'] });
    expect((await update(asset, { metadata: { review_status: 'Draft!' } })).status).toBe(400);
    const cleared = await update(asset, { metadata: { review_status: 'Draft!' }, clear_invalid: 'true' });
    expect(cleared.body['metadata']).toEqual({ where: ['x', 'y"z'] });
  });

  test('readonly_ui fields are written by the API', async () => {
    const field = (await t.env('GET', '/metadata_fields/review_status')).body;
    expect(field['restrictions']).toMatchObject({ readonly_ui: true });
    const asset = await upload({ metadata: { review_status: 'approved', approved_at: '2026-11-21' } });
    expect(asset['metadata']).toEqual({ review_status: 'approved', approved_at: '2026-11-21' });
  });
});
