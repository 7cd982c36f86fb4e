import { expect } from '@jest/globals';
import type { Body } from '../trial.ts';
import type { Checks, Recorder } from './recorder.ts';
import { fresh, has, list, str } from './recorder.ts';

const E = 'environment';

async function trigger(t: Recorder, uri = `poll://${fresh('channel')}`, event = 'upload'): Promise<Body> {
  const type = uri.startsWith('poll') ? 'poll' : null;
  return t.done(E, 'POST', '/triggers', { uri, event_type: event, uri_type: type }, 201);
}

async function upload(t: Recorder): Promise<void> {
  await t.done(E, 'POST', '/image/upload', { file: 'data:text/plain,hi', public_id: fresh('told') });
}

export const TRIGGER_CHECKS: Checks = {
  'GET /triggers': async (t) => {
    const made = await trigger(t);
    const body = await t.get(E, '/triggers?event_type=upload');
    expect(list(body['triggers'])).toContainEqual(made);
    expect(body['total']).toBe(list(body['triggers']).length);
    await t.refused(400, E, 'GET', '/triggers?event_type=a');
  },
  'POST /triggers': async (t) => {
    const uri = `https://hooks.example/${fresh('a')}`;
    const made = await trigger(t, uri);
    has(made, 'id', 'product_environment_id', 'uri_type', 'uri', 'event_type', 'created_at', 'updated_at');
    expect(made['uri_type']).toBe('webhook');
    await t.refused(409, E, 'POST', '/triggers', { uri, event_type: 'upload' });
    for (let i = 0; i < 30; i++) await trigger(t, `poll://${fresh('many')}/with/slashes`, 'sprite');
    expect(await t.refused(400, E, 'POST', '/triggers', { uri, event_type: 'sprite' })).toEqual({
      error: { message: 'limit_reached' },
    });
  },
  'PUT /triggers/{id}': async (t) => {
    const id = str((await trigger(t))['id']);
    const uri = `poll://${fresh('other')}`;
    has(await t.done(E, 'PUT', `/triggers/${id}`, { new_uri: uri }), 'message');
    expect(list((await t.get(E, '/triggers'))['triggers']).find((one) => one['id'] === id)).toMatchObject({ uri });
    await t.refused(404, E, 'PUT', '/triggers/nothing', { new_uri: uri });
    await t.refused(400, E, 'PUT', `/triggers/${id}`, {});
  },
  'DELETE /triggers/{id}': async (t) => {
    const id = str((await trigger(t))['id']);
    has(await t.done(E, 'DELETE', `/triggers/${id}`, {}), 'message');
    expect(list((await t.get(E, '/triggers'))['triggers']).map((one) => one['id'])).not.toContain(id);
    await t.refused(404, E, 'DELETE', `/triggers/${id}`);
  },
  'POST /triggers/{id}/test': async (t) => {
    const id = str((await trigger(t))['id']);
    const body = { sample_data: { notification_type: 'upload', public_id: 'sample' } };
    const answer = await t.done(E, 'POST', `/triggers/${id}/test`, body);
    expect(answer).toEqual({ trigger_id: id, filter_present: false, filter_result: true });
    await t.done(E, 'POST', `/triggers/${id}/test`, { sample_data: null });
    await t.refused(400, E, 'POST', `/triggers/${id}/test`, { sample_data: '{' });
    await t.refused(404, E, 'POST', '/triggers/nothing/test', body);
  },
};

export const QUEUE_CHECKS: Checks = {
  'GET /messages': async (t) => {
    const channel = fresh('a/channel');
    await trigger(t, `poll://${channel}`);
    const empty = await t.queue('GET', `/messages?channel=${encodeURIComponent(channel)}&wait_seconds=0`);
    expect([empty.status, empty.text]).toEqual([200, '{}']);
    await upload(t);
    const path = `/messages?channel=${encodeURIComponent(channel)}&max_messages=5&wait_seconds=1&visibility_timeout=1`;
    const [message] = list((await t.get('queue', path))['messages']);
    has(message, 'receipt_handle', 'batch_id', 'payload', 'signed_payload', 'signature', 'timestamp');
    expect(message?.['payload']).toMatchObject({ notification_type: 'upload' });
    await t.refused(400, 'queue', 'GET', '/messages');
  },
  'POST /messages/ack': async (t) => {
    const channel = fresh('acked');
    await trigger(t, `poll://${channel}`);
    await upload(t);
    const path = `/messages?channel=${channel}&wait_seconds=0&visibility_timeout=1`;
    const [message] = list((await t.get('queue', path))['messages']);
    const body = { receipt_handles: [str(message?.['receipt_handle'])] };
    expect(list((await t.done('queue', 'POST', '/messages/ack', body))['results'])).toMatchObject([
      { status: 'acked' },
    ]);
    await t.control('POST', '/clock', { advance: 60 });
    expect(await t.get('queue', path)).toEqual({});
    await t.refused(400, 'queue', 'POST', '/messages/ack', { receipt_handles: [] });
  },
};
