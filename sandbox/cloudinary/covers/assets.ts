import { createHash } from 'node:crypto';
import { expect } from '@jest/globals';
import type { Body } from '../trial.ts';
import type { Checks, Recorder } from './recorder.ts';
import { fresh, good, has, list, str } from './recorder.ts';

const E = 'environment';
/** A picture of one pixel. */
const GIF = 'data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7';

async function asset(t: Recorder, more: object = {}): Promise<Body> {
  return t.done(E, 'POST', '/image/upload', { file: GIF, public_id: fresh('asset'), ...more });
}

async function read(t: Recorder, one: Body): Promise<Body> {
  return t.get(E, `/resources/${str(one['asset_id'])}`);
}

const ids = (body: Body): string[] => list(body['resources']).map((one) => str(one['public_id']));
const name = (one: Body): string => str(one['public_id']);

export const UPLOAD_CHECKS: Checks = {
  'POST /{rt:image|video|raw|auto}/upload': async (t) => {
    const made = await asset(t, { asset_folder: 'Marketing/New', tags: 'b,a', moderation: 'manual' });
    has(made, 'asset_id', 'public_id', 'version', 'signature', 'resource_type', 'type', 'secure_url', 'etag', 'bytes');
    expect(made).toMatchObject({ format: 'gif', width: 1, height: 1, asset_folder: 'Marketing/New', tags: ['a', 'b'] });
    expect(list(made['moderation'])).toMatchObject([{ kind: 'manual', status: 'pending' }]);
    expect(await read(t, made)).toMatchObject({ public_id: made['public_id'], asset_folder: 'Marketing/New' });
    const bytes = Uint8Array.from([0, 255, 128, 13, 10, 13, 10, 7]);
    const multipart = { public_id: fresh('binary'), file: new File([bytes], 'data.bin') };
    const raw = good(await t.env('POST', '/raw/upload', { multipart }));
    expect(raw).toMatchObject({ bytes: 8, resource_type: 'raw', etag: createHash('md5').update(bytes).digest('hex') });
    await t.refused(400, E, 'POST', '/image/upload', { public_id: 'x' });
    await t.refused(400, E, 'POST', '/image/upload', { file: GIF, metadata: { nothing: '1' } });
  },
  'POST /upload': async (t) => {
    const made = await t.done(E, 'POST', '/upload', { file: GIF });
    expect(made).toMatchObject({ resource_type: 'image', type: 'upload' });
    expect(await read(t, made)).toMatchObject({ public_id: made['public_id'] });
  },
  'POST /{rt:image|video|raw}/explicit': async (t) => {
    const made = await asset(t);
    const body = { public_id: made['public_id'], type: 'upload', moderation: 'manual', context: 'a=b\\|c|d=e' };
    await t.done(E, 'POST', '/image/explicit', body);
    expect(await read(t, made)).toMatchObject({
      moderation: [{ status: 'pending' }],
      context: { custom: { a: 'b|c', d: 'e' } },
    });
    await t.refused(404, E, 'POST', '/image/explicit', { public_id: 'nothing', type: 'upload' });
    await t.refused(400, E, 'POST', '/image/explicit', { type: 'upload' });
  },
  'POST /{rt:image|video|raw}/rename': async (t) => {
    const made = await asset(t, { type: 'private' });
    const to = fresh('published');
    const body = { from_public_id: name(made), to_public_id: to, type: 'private', to_type: 'upload' };
    expect(await t.done(E, 'POST', '/image/rename', body)).toMatchObject({ public_id: to, type: 'upload' });
    expect(await read(t, made)).toMatchObject({ public_id: to, type: 'upload' });
    await t.refused(404, E, 'POST', '/image/rename', body);
    await t.refused(400, E, 'POST', '/image/rename', { from_public_id: to, to_public_id: 'sample' });
  },
  'POST /{rt:image|video|raw}/destroy': async (t) => {
    const made = await asset(t);
    expect(await t.done(E, 'POST', '/image/destroy', { public_id: name(made) })).toEqual({ result: 'ok' });
    expect(await t.done(E, 'POST', '/image/destroy', { public_id: name(made) })).toEqual({ result: 'not found' });
    await t.refused(404, E, 'GET', `/resources/${str(made['asset_id'])}`);
    await t.refused(400, E, 'POST', '/image/destroy', {});
  },
  'POST /{rt:image|video|raw}/tags': async (t) => {
    const [one, two] = [await asset(t), await asset(t)];
    const both = [name(one), name(two)];
    const tag = (command: string, more: object): Promise<Body> =>
      t.done(E, 'POST', '/image/tags', { public_ids: both, command, ...more });
    expect(await tag('add', { tags: ['x', 'y'] })).toEqual({ public_ids: both });
    expect((await read(t, two))['tags']).toEqual(['x', 'y']);
    await tag('remove', { tag: 'x' });
    expect((await read(t, one))['tags']).toEqual(['y']);
    good(await t.env('POST', '/image/tags', { multipart: { 'public_ids[]': both, command: 'replace', tag: 'p,q' } }));
    expect((await read(t, one))['tags']).toEqual(['p', 'q']);
    await tag('remove_all', {});
    expect((await read(t, one))['tags']).toBeUndefined();
    await t.refused(400, E, 'POST', '/image/tags', { public_ids: both, command: 'bogus', tags: 'x' });
  },
  'POST /{rt:image|video|raw}/context': async (t) => {
    const made = await asset(t);
    const body = { public_ids: [name(made)], command: 'add', context: 'stage=new' };
    expect(await t.done(E, 'POST', '/image/context', body)).toEqual({ public_ids: [name(made)] });
    expect((await read(t, made))['context']).toEqual({ custom: { stage: 'new' } });
    await t.done(E, 'POST', '/image/context', { ...body, command: 'remove_all' });
    expect((await read(t, made))['context']).toBeUndefined();
    await t.refused(400, E, 'POST', '/image/context', { public_ids: ['x'], command: 'add' });
  },
  'POST /{rt:image|video|raw}/metadata': async (t) => {
    const made = await asset(t);
    const body = { public_ids: [name(made)], metadata: 'review_status=draft|approved_by=a\\=b' };
    expect(await t.done(E, 'POST', '/image/metadata', body)).toEqual({ public_ids: [name(made)] });
    expect((await read(t, made))['metadata']).toEqual({ review_status: 'draft', approved_by: 'a=b' });
    await t.done(E, 'POST', '/image/metadata', { ...body, metadata: { approved_by: '' } });
    expect((await read(t, made))['metadata']).toEqual({ review_status: 'draft' });
    await t.refused(400, E, 'POST', '/image/metadata', {
      public_ids: [name(made)],
      metadata: { review_status: 'lost' },
    });
  },
};

/** Lists by one route: what it must and must not hold. */
async function holds(t: Recorder, path: string, wanted: string): Promise<void> {
  const mark = path.includes('?') ? '&' : '?';
  const body = await t.get(E, `${path}${mark}max_results=500`);
  has(list(body['resources'])[0], 'asset_id', 'public_id', 'resource_type', 'type', 'version', 'secure_url');
  expect(ids(body)).toContain(wanted);
}

export const RESOURCE_CHECKS: Checks = {
  'GET /ping': async (t) => expect(await t.get(E, '/ping')).toEqual({ status: 'ok' }),
  'GET /resources': async (t) => has(await t.get(E, '/resources'), 'resource_types'),
  'GET /resources/{rt:image|video|raw}': async (t) => holds(t, '/resources/image?prefix=campaign-', 'campaign-hero'),
  'GET /resources/{rt:image|video|raw}/{type}': async (t) =>
    holds(t, '/resources/image/upload?public_ids[]=sample', 'sample'),
  'GET /resources/{rt:image|video|raw}/tags/{tag}': async (t) => {
    const made = await asset(t, { tags: ['odd one'] });
    await holds(t, '/resources/image/tags/odd%20one', name(made));
  },
  'GET /resources/{rt:image|video|raw}/context': async (t) => {
    const made = await asset(t, { context: { shelf: '7' } });
    await holds(t, '/resources/image/context?key=shelf&value=7', name(made));
    await t.refused(400, E, 'GET', '/resources/image/context');
  },
  'GET /resources/{rt:image|video|raw}/moderations/{kind}/{status}': async (t) => {
    await holds(t, '/resources/image/moderations/manual/pending', 'campaign-hero');
    await holds(t, '/resources/video/moderations/manual/pending', 'aurora-teaser');
    const plain = list((await t.get(E, '/resources/image/moderations/manual/pending'))['resources'])[0];
    expect(plain).not.toHaveProperty('metadata');
    const full = list(
      (await t.get(E, '/resources/image/moderations/manual/pending?metadata=true&moderations=1'))['resources'],
    );
    has(full[0], 'metadata', 'moderation');
    await t.refused(400, E, 'GET', '/resources/image/moderations/manual/lost');
  },
  'GET /resources/by_asset_folder': async (t) => {
    await holds(t, '/resources/by_asset_folder?asset_folder=Legal/Rights', 'music-licence.pdf');
    await t.refused(400, E, 'GET', '/resources/by_asset_folder');
  },
  'GET /resources/by_asset_ids': async (t) => {
    const made = await asset(t);
    await holds(t, `/resources/by_asset_ids?asset_ids[]=${str(made['asset_id'])}`, name(made));
  },
  'GET /resources/{asset_id}': async (t) => {
    const made = await asset(t, { metadata: { approved_by: 'Ada' }, access_control: [{ access_type: 'token' }] });
    const seen = await read(t, made);
    has(
      seen,
      'asset_id',
      'public_id',
      'version',
      'resource_type',
      'type',
      'asset_folder',
      'metadata',
      'access_control',
      'url',
    );
    await t.refused(404, E, 'GET', '/resources/00000000000000000000000000000000');
  },
  'PUT /resources/{asset_id}': async (t) => {
    const made = await asset(t, { moderation: 'manual', access_control: '[{"access_type":"token"}]' });
    const path = `/resources/${str(made['asset_id'])}`;
    const body = {
      moderation_status: 'approved',
      metadata: { review_status: 'approved', approved_at: '2026-11-21' },
      access_control: [{ access_type: 'anonymous' }],
      tags: 'final',
      asset_folder: 'Finished',
    };
    await t.done(E, 'PUT', path, body);
    expect(await read(t, made)).toMatchObject({
      moderation: [{ kind: 'manual', status: 'approved' }],
      metadata: body.metadata,
      access_control: body.access_control,
      tags: ['final'],
      asset_folder: 'Finished',
    });
    await t.refused(400, E, 'PUT', path, { moderation_status: 'pending' });
    await t.refused(404, E, 'PUT', '/resources/00000000000000000000000000000000', { moderation_status: 'approved' });
  },
  'GET /resources/{rt:image|video|raw}/{type}/{public_id*}': async (t) => {
    const made = await asset(t, { public_id: `${fresh('with')}/a slash` });
    for (const spelled of [encodeURIComponent(name(made)), name(made).replace(' ', '%20')])
      expect(await t.get(E, `/resources/image/upload/${spelled}`)).toMatchObject({ asset_id: made['asset_id'] });
    await t.refused(404, E, 'GET', '/resources/image/upload/nothing');
  },
  'POST /resources/{rt:image|video|raw}/{type}/{public_id*}': async (t) => {
    const made = await asset(t, { moderation: 'manual' });
    const path = `/resources/image/upload/${name(made)}`;
    good(await t.env('POST', path, { form: { moderation_status: 'rejected', tags: 'no,never' } }));
    expect(await read(t, made)).toMatchObject({ moderation: [{ status: 'rejected' }], tags: ['never', 'no'] });
    await t.refused(400, E, 'POST', path, { moderation_status: 'perhaps' });
    await t.refused(404, E, 'POST', '/resources/image/upload/nothing', { tags: 'x' });
  },
  'DELETE /resources/{rt:image|video|raw}/{type}': async (t) => {
    const [one, two] = [await asset(t), await asset(t)];
    const body = await t.done(E, 'DELETE', '/resources/image/upload', { public_ids: [name(one), 'nothing'] });
    expect(body).toMatchObject({ deleted: { [name(one)]: 'deleted', nothing: 'not_found' }, partial: false });
    good(await t.env('DELETE', '/resources/image/upload', { form: { 'public_ids[]': name(two) } }));
    await t.refused(404, E, 'GET', `/resources/image/upload/${name(two)}`);
    await t.refused(400, E, 'DELETE', '/resources/image/upload', {});
  },
  'DELETE /resources/{rt:image|video|raw}/tags/{tag}': async (t) => {
    const made = await asset(t, { tags: 'doomed' });
    expect((await t.done(E, 'DELETE', '/resources/image/tags/doomed'))['deleted']).toEqual({ [name(made)]: 'deleted' });
    await t.refused(404, E, 'GET', `/resources/image/upload/${name(made)}`);
  },
  'DELETE /resources': async (t) => {
    const id = str((await asset(t))['asset_id']);
    expect((await t.done(E, 'DELETE', '/resources', { 'asset_ids[]': [id] }))['deleted']).toEqual({ [id]: 'deleted' });
    await t.refused(400, E, 'DELETE', '/resources', {});
  },
  'GET /tags/{rt:image|video|raw}': async (t) =>
    expect((await t.get(E, '/tags/image?prefix=camp'))['tags']).toEqual(['campaign']),
  'POST /resources/search': async (t) => {
    const body = {
      expression: 'moderation_status:pending AND metadata.review_status=in_review AND NOT resource_type:video',
      sort_by: [{ public_id: 'asc' }],
      with_field: ['tags', 'metadata'],
      max_results: 1,
    };
    const first = await t.done(E, 'POST', '/resources/search', body);
    expect(ids(first)).toEqual(['campaign-hero']);
    expect(first['total_count']).toBe(2);
    has(list(first['resources'])[0], 'tags', 'metadata', 'asset_folder', 'moderation_status', 'moderation_kind');
    const second = await t.done(E, 'POST', '/resources/search', { ...body, next_cursor: first['next_cursor'] });
    expect(ids(second)).toEqual(['campaign-poster']);
    expect(second).not.toHaveProperty('next_cursor');
    await t.refused(400, E, 'POST', '/resources/search', { expression: 'tags:x AND (' });
  },
  'GET /resources/search': async (t) =>
    expect(ids(await t.get(E, '/resources/search?expression=asset_folder:"Legal/Rights"'))).toEqual([
      'music-licence.pdf',
    ]),
};

export const RELATION_CHECKS: Checks = Object.fromEntries(
  (['{asset_id}', '{rt:image|video|raw}/{type}/{public_id*}'] as const).flatMap((form): [string, Checks[string]][] => {
    const key = (one: Body): string => (form === '{asset_id}' ? str(one['asset_id']) : `image/upload/${name(one)}`);
    const path = (one: Body): string => `/resources/related_assets/${key(one)}`;
    const relate = (t: Recorder, one: Body, others: string[], status = 200): Promise<Body> =>
      t.done(E, 'POST', path(one), { assets_to_relate: others }, status);
    return [
      [
        `POST /resources/related_assets/${form}`,
        async (t) => {
          const [one, two] = [await asset(t), await asset(t)];
          const body = await relate(t, one, [key(two), 'image/upload/nothing'], 207);
          expect(list(body['success'])).toMatchObject([{ asset: key(two), status: 200, code: 'success_ids' }]);
          expect(list(body['failed'])).toMatchObject([{ status: 404, code: 'non_existing_ids' }]);
          expect((await read(t, two))['related_assets']).toEqual([`image/upload/${name(one)}`]);
          expect(await relate(t, one, [key(await asset(t))])).toMatchObject({ failed: [] });
          await t.refused(400, E, 'POST', path(one), { assets_to_relate: [] });
          await t.refused(404, E, 'POST', path({ ...one, asset_id: 'x', public_id: 'x' }), {
            assets_to_relate: [key(two)],
          });
        },
      ],
      [
        `DELETE /resources/related_assets/${form}`,
        async (t) => {
          const [one, two] = [await asset(t), await asset(t)];
          await relate(t, one, [key(two)]);
          await t.done(E, 'DELETE', path(one), { assets_to_unrelate: [key(two)] });
          expect((await read(t, one))['related_assets']).toBeUndefined();
          await t.done(E, 'DELETE', path(one), { assets_to_unrelate: [key(two)] }, 207);
          await t.refused(400, E, 'DELETE', path(one), {});
        },
      ],
    ];
  }),
);
