import { isObject } from '../../common/fields.ts';
import type { Reply } from '../../common/types.ts';
import { newId } from '../ids.ts';
import { needed, oneOf, parsedJson, text } from '../input.ts';
import type { Call } from '../kit.ts';
import { change, now, ok, param, recordWrite } from '../kit.ts';
import { ApiRefusal } from '../refusal.ts';
import type { Route } from '../router.ts';
import { need } from '../rules/rights.ts';
import type { Trigger } from '../state.ts';

const EVENTS =
  'all access_control_changed bulk_refresh_auto_fetch create_folder delete delete_by_token delete_folder eager error explode generate_archive info invalidate_custom_cdn moderation moderation_summary move move_or_rename_asset_folder multi publish rename report resource_context_changed resource_display_name_changed resource_metadata_changed resource_tags_changed restore_asset_version sprite upload'.split(
    ' ',
  );
const MOST_URLS = 30;

function shown(trigger: Trigger): object {
  const { id, env, uri_type, uri, event_type, created_at, updated_at } = trigger;
  return { id, product_environment_id: env, uri_type, uri, event_type, created_at, updated_at };
}

function triggersOf(call: Call): Trigger[] {
  return Object.values(call.state.triggers).filter((trigger) => trigger.env === call.env.id);
}

function triggerOf(call: Call): Trigger {
  const trigger = triggersOf(call).find((one) => one.id === param(call, 'id'));
  if (!trigger) throw new ApiRefusal(404, 'record_not_found');
  return trigger;
}

function eventIn(value: string | undefined): string | undefined {
  if (value !== undefined && !EVENTS.includes(value))
    throw new ApiRefusal(400, `Invalid value ${value} for parameter event_type`);
  return value;
}

function listTriggers(call: Call): Reply {
  need(call, 'triggers');
  const event = eventIn(text(call.input, 'event_type') || undefined);
  const some = triggersOf(call).filter((trigger) => event === undefined || trigger.event_type === event);
  return ok({ triggers: some.map(shown), total: some.length });
}

/** A poll address is `poll://<channel>` or `poll://*`; a webhook is a web address; null means webhook. */
function uriIn(uri: string, type: Trigger['uri_type']): string {
  const good = type === 'poll' ? /^poll:\/\/(\*|[^\s*]+)$/ : type === 'webhook' ? /^https?:\/\/\S+$/ : /\S/;
  if (!good.test(uri)) throw new ApiRefusal(400, 'invalid_or_malformed_attribute');
  return uri;
}

function createTrigger(call: Call): Reply {
  need(call, 'triggers');
  const { input } = call;
  const type = oneOf(input, 'uri_type', ['webhook', 'flow', 'poll']) ?? 'webhook';
  const uri = uriIn(needed(input, 'uri'), type);
  const event = eventIn(needed(input, 'event_type')) ?? 'all';
  const same = triggersOf(call).filter((trigger) => trigger.event_type === event);
  if (same.some((trigger) => trigger.uri === uri)) throw new ApiRefusal(409, 'record_already_exists');
  if (same.length >= MOST_URLS) throw new ApiRefusal(400, 'limit_reached');
  const at = now(call);
  const trigger: Trigger = {
    id: newId(64),
    env: call.env.id,
    uri,
    uri_type: type,
    event_type: event,
    created_at: at,
    updated_at: at,
  };
  call.state.triggers[trigger.id] = trigger;
  recordWrite(call.ctx, 'trigger', trigger.id, null, trigger);
  return { status: 201, body: shown(trigger) };
}

function updateTrigger(call: Call): Reply {
  need(call, 'triggers');
  const trigger = triggerOf(call);
  const uri = text(call.input, 'new_uri');
  if (!uri) throw new ApiRefusal(400, 'missing_attributes');
  change(call.ctx, 'trigger', trigger.id, trigger, { uri: uriIn(uri, trigger.uri_type) });
  return ok({ message: 'ok' });
}

function deleteTrigger(call: Call): Reply {
  need(call, 'triggers');
  const trigger = triggerOf(call);
  delete call.state.triggers[trigger.id];
  recordWrite(call.ctx, 'trigger', trigger.id, trigger, null);
  return ok({ message: 'ok' });
}

function testTrigger(call: Call): Reply {
  need(call, 'triggers');
  const trigger = triggerOf(call);
  const given = call.input['sample_data'];
  const sample = typeof given === 'string' ? parsedJson(given) : given;
  if (given !== undefined && given !== null && !isObject(sample)) throw new ApiRefusal(400, 'invalid_sample_data_json');
  const type = isObject(sample) ? sample['notification_type'] : undefined;
  const fits = type === undefined || trigger.event_type === 'all' || trigger.event_type === type;
  return ok({ trigger_id: trigger.id, filter_present: false, filter_result: fits });
}

const env = { plane: 'environment' } as const;

export const TRIGGER_ROUTES: Route[] = [
  { ...env, method: 'GET', path: '/triggers', takes: ['event_type'], handler: listTriggers },
  { ...env, method: 'POST', path: '/triggers', takes: ['uri', 'event_type', 'uri_type'], handler: createTrigger },
  { ...env, method: 'PUT', path: '/triggers/{id}', takes: ['new_uri'], handler: updateTrigger },
  { ...env, method: 'DELETE', path: '/triggers/{id}', handler: deleteTrigger },
  { ...env, method: 'POST', path: '/triggers/{id}/test', takes: ['sample_data'], handler: testTrigger },
];
