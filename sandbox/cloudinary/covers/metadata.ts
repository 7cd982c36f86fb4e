import { expect } from '@jest/globals';
import type { Body } from '../trial.ts';
import type { Checks, Recorder } from './recorder.ts';
import { fresh, has, list, str } from './recorder.ts';

const E = 'environment';

async function field(t: Recorder, more: object = {}): Promise<string> {
  const id = fresh('field');
  await t.done(E, 'POST', '/metadata_fields', { external_id: id, label: id, type: 'string', ...more });
  return id;
}

const VALUES = [{ external_id: 'b', value: 'Bee' }, { external_id: 'a', value: 'Ant' }, { value: 'Cat' }];
const enumField = (t: Recorder): Promise<string> => field(t, { type: 'enum', datasource: { values: VALUES } });
const values = (body: Body): (string | undefined)[] => list(body['values']).map((one) => str(one['value']));
const path = (id: string, more = ''): string => `/metadata_fields/${id}${more}`;

async function rule(t: Recorder): Promise<Body> {
  const condition = { and: [{ metadata_field_id: 'review_status', equals: 'approved' }] };
  const result = { set_mandatory: true };
  const body = { metadata_field_id: 'approved_by', name: fresh('rule'), condition, result };
  return t.done(E, 'POST', '/metadata_rules', body);
}

export const METADATA_CHECKS: Checks = {
  'GET /metadata_fields': async (t) => {
    const body = await t.get(E, '/metadata_fields?external_ids=review_status,approved_by');
    const [first, second] = list(body['metadata_fields']);
    has(
      first,
      'external_id',
      'label',
      'type',
      'mandatory',
      'default_value',
      'validation',
      'datasource',
      'restrictions',
    );
    expect(second?.['external_id']).toBe('approved_by');
  },
  'POST /metadata_fields': async (t) => {
    const id = fresh('until');
    const validation = { type: 'and', rules: [{ type: 'greater_than', value: '2026-01-01', equals: true }] };
    const body = { external_id: id, label: id, type: 'date', validation, default_value: '2026-01-01' };
    const made = await t.done(E, 'POST', '/metadata_fields', body);
    expect(made).toMatchObject({ ...body, mandatory: false });
    expect(await t.get(E, path(id))).toEqual(made);
    await t.refused(400, E, 'POST', '/metadata_fields', body);
    await t.refused(400, E, 'POST', '/metadata_fields', {
      ...body,
      external_id: 'n',
      label: 'n',
      default_value: '2025-01-01',
    });
  },
  'GET /metadata_fields/{id}': async (t) => {
    const { datasource } = await t.get(E, path('review_status'));
    expect(list((datasource as Body)['values'])[0]).toEqual({ external_id: 'draft', value: 'draft', state: 'active' });
    await t.refused(404, E, 'GET', path('nothing'));
  },
  'PUT /metadata_fields/{id}': async (t) => {
    const id = await field(t);
    await t.done(E, 'PUT', path(id), { label: `${id}!`, mandatory: false, external_id: 'other', type: 'integer' });
    expect(await t.get(E, path(id))).toMatchObject({ external_id: id, type: 'string', label: `${id}!` });
    await t.refused(404, E, 'PUT', path('nothing'), { label: 'x' });
    await t.refused(400, E, 'PUT', path(id), { validation: { type: 'taste' } });
  },
  'DELETE /metadata_fields/{id}': async (t) => {
    const id = await field(t);
    expect(await t.done(E, 'DELETE', path(id))).toEqual({ message: 'ok' });
    await t.refused(404, E, 'GET', path(id));
    await t.refused(404, E, 'DELETE', path(id));
  },
  'PUT /metadata_fields/order': async (t) => {
    const body = await t.done(E, 'PUT', '/metadata_fields/order', { order_by: 'external_id', direction: 'desc' });
    const ids = list(body['metadata_fields']).map((one) => str(one['external_id']));
    expect(ids).toEqual([...ids].sort().reverse());
    expect(list((await t.get(E, '/metadata_fields'))['metadata_fields']).map((one) => one['external_id'])).toEqual(ids);
    await t.refused(400, E, 'PUT', '/metadata_fields/order', {});
  },
  'PUT /metadata_fields/{id}/datasource': async (t) => {
    const id = await enumField(t);
    const body = await t.done(E, 'PUT', path(id, '/datasource'), {
      values: [{ external_id: 'a', value: 'Ape' }, { value: 'Dog' }],
    });
    expect(values(body)).toEqual(['Bee', 'Ape', 'Cat', 'Dog']);
    expect(Object.keys(list(body['values'])[3] ?? {})).toEqual(['external_id', 'value']);
    expect(JSON.stringify(await t.get(E, path(id)))).toContain('Ape');
    await t.special('fieldUpdating');
    await t.refused(420, E, 'PUT', path(id, '/datasource'), { values: [] });
    await t.refused(400, E, 'PUT', path(id, '/datasource'), {});
    await t.refused(404, E, 'PUT', path('nothing', '/datasource'), { values: [] });
  },
  'DELETE /metadata_fields/{id}/datasource': async (t) => {
    const id = await enumField(t);
    expect(values(await t.done(E, 'DELETE', path(id, '/datasource'), { external_ids: ['b'] }))).toEqual(['Ant', 'Cat']);
    const { datasource } = await t.get(E, path(id));
    expect(list((datasource as Body)['values'])[0]).toMatchObject({ external_id: 'b', state: 'inactive' });
    await t.refused(400, E, 'DELETE', path(id, '/datasource'), {});
    await t.refused(404, E, 'DELETE', path('nothing', '/datasource'), { external_ids: ['b'] });
  },
  'POST /metadata_fields/{id}/datasource_restore': async (t) => {
    const id = await enumField(t);
    await t.done(E, 'DELETE', path(id, '/datasource'), { external_ids: ['b'] });
    const body = await t.done(E, 'POST', path(id, '/datasource_restore'), { external_ids: ['b'] });
    expect(values(body)).toEqual(['Bee', 'Ant', 'Cat']);
    expect(JSON.stringify(await t.get(E, path(id)))).not.toContain('inactive');
    await t.refused(400, E, 'POST', path(id, '/datasource_restore'), { external_ids: ['z'] });
    await t.refused(404, E, 'POST', path('nothing', '/datasource_restore'), { external_ids: ['b'] });
  },
  'POST /metadata_fields/{id}/datasource/order': async (t) => {
    const id = await enumField(t);
    const body = await t.done(E, 'POST', path(id, '/datasource/order'), { order_by: 'value', direction: 'desc' });
    expect(values(body)).toEqual(['Cat', 'Bee', 'Ant']);
    const { datasource } = await t.get(E, path(id));
    expect(values(datasource as Body)).toEqual(['Cat', 'Bee', 'Ant']);
    await t.refused(400, E, 'POST', path(id, '/datasource/order'), {});
    await t.refused(404, E, 'POST', path('nothing', '/datasource/order'), { order_by: 'value' });
  },
  'POST /metadata_fields/{id}/datasource/search': async (t) => {
    const id = await enumField(t);
    expect(values(await t.done(E, 'POST', path(id, '/datasource/search?term=a'), {}))).toEqual(['Ant', 'Cat']);
    expect(values(await t.done(E, 'POST', path(id, '/datasource/search?term=ant&exact_match=true')))).toEqual(['Ant']);
    await t.refused(404, E, 'POST', path('nothing', '/datasource/search'));
  },
  'GET /metadata_rules': async (t) => {
    const made = await rule(t);
    expect(list((await t.get(E, '/metadata_rules'))['metadata_rules'])).toContainEqual(made);
  },
  'POST /metadata_rules': async (t) => {
    const made = await rule(t);
    has(made, 'external_id', 'metadata_field_id', 'name', 'condition', 'result', 'state', 'position');
    expect(list((await t.get(E, '/metadata_rules'))['metadata_rules'])).toContainEqual(made);
    await t.refused(400, E, 'POST', '/metadata_rules', { name: 'x' });
  },
  'PUT /metadata_rules/{id}': async (t) => {
    const made = await rule(t);
    await t.done(E, 'PUT', `/metadata_rules/${str(made['external_id'])}`, { state: 'inactive' });
    expect(list((await t.get(E, '/metadata_rules'))['metadata_rules'])).toContainEqual({ ...made, state: 'inactive' });
    await t.refused(404, E, 'PUT', '/metadata_rules/nothing', { state: 'active' });
    await t.refused(400, E, 'PUT', `/metadata_rules/${str(made['external_id'])}`, { state: 'asleep' });
  },
  'DELETE /metadata_rules/{id}': async (t) => {
    const made = await rule(t);
    expect(await t.done(E, 'DELETE', `/metadata_rules/${str(made['external_id'])}`)).toEqual({ success: true });
    expect(list((await t.get(E, '/metadata_rules'))['metadata_rules'])).not.toContainEqual(made);
    await t.refused(404, E, 'DELETE', `/metadata_rules/${str(made['external_id'])}`);
  },
};
