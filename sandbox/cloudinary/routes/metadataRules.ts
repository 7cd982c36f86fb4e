import { isObject } from '../../common/fields.ts';
import type { Reply } from '../../common/types.ts';
import { newId } from '../ids.ts';
import { needed, oneOf, text, whole } from '../input.ts';
import type { Call } from '../kit.ts';
import { change, defined, ok, param, recordWrite, without } from '../kit.ts';
import { ApiRefusal } from '../refusal.ts';
import type { Route } from '../router.ts';
import { fieldKey } from '../rules/metadata.ts';
import { need } from '../rules/rights.ts';
import type { Rule } from '../state.ts';

const shown = (rule: Rule): object => without(rule, 'env');

function rulesOf(call: Call): Rule[] {
  const mine = Object.values(call.state.rules).filter((rule) => rule.env === call.env.id);
  return mine.sort((a, b) => a.position - b.position);
}

function ruleOf(call: Call): Rule {
  const rule = rulesOf(call).find((one) => one.external_id === param(call, 'id'));
  if (!rule) throw new ApiRefusal(404, `External ID ${param(call, 'id')} doesn't exist`);
  return rule;
}

function fieldIn(call: Call, id: string): string {
  if (!call.state.fields[fieldKey(call.env.id, id)]) throw new ApiRefusal(400, `Metadata field ${id} doesn't exist`);
  return id;
}

/** `{metadata_field_id, equals|includes|populated}`, or `and[]`, `or[]` of such. */
function conditionIn(call: Call, value: unknown): unknown {
  if (!isObject(value)) throw new ApiRefusal(400, 'Missing required parameter - condition');
  for (const name of ['and', 'or']) {
    const some = value[name];
    if (Array.isArray(some)) return { [name]: some.map((one) => conditionIn(call, one)) };
  }
  fieldIn(call, needed(value, 'metadata_field_id'));
  if (!['equals', 'includes', 'populated'].some((name) => name in value))
    throw new ApiRefusal(400, 'Invalid value for parameter condition');
  return value;
}

const RESULTS = ['apply_value', 'activate_values', 'set_mandatory', 'disable', 'enable', 'hide'];

function resultIn(value: unknown): unknown {
  if (!isObject(value) || Object.keys(value).length === 0)
    throw new ApiRefusal(400, 'Missing required parameter - result');
  const unknown = Object.keys(value).find((name) => !RESULTS.includes(name));
  if (unknown !== undefined) throw new ApiRefusal(400, 'Invalid value for parameter result');
  return value;
}

function createRule(call: Call): Reply {
  need(call, 'metadata');
  const { input } = call;
  const rule: Rule = {
    external_id: newId(20),
    env: call.env.id,
    metadata_field_id: fieldIn(call, needed(input, 'metadata_field_id')),
    name: needed(input, 'name'),
    condition: conditionIn(call, input['condition']),
    result: resultIn(input['result']),
    state: oneOf(input, 'state', ['active', 'inactive']) ?? 'active',
    position: whole(input, 'position', 0, 10_000) ?? rulesOf(call).length + 1,
  };
  call.state.rules[rule.external_id] = rule;
  recordWrite(call.ctx, 'metadataRule', rule.external_id, null, rule);
  return ok(shown(rule));
}

function updateRule(call: Call): Reply {
  need(call, 'metadata');
  const rule = ruleOf(call);
  const { input } = call;
  const field = text(input, 'metadata_field_id');
  const changes = defined<Partial<Rule>>({
    metadata_field_id: field === undefined ? undefined : fieldIn(call, field),
    name: text(input, 'name'),
    condition: input['condition'] == null ? undefined : conditionIn(call, input['condition']),
    result: input['result'] == null ? undefined : resultIn(input['result']),
    state: oneOf(input, 'state', ['active', 'inactive']),
    position: whole(input, 'position', 0, 10_000),
  });
  change(call.ctx, 'metadataRule', rule.external_id, rule, changes);
  return ok(shown(rule));
}

function deleteRule(call: Call): Reply {
  need(call, 'metadata');
  const rule = ruleOf(call);
  delete call.state.rules[rule.external_id];
  recordWrite(call.ctx, 'metadataRule', rule.external_id, rule, null);
  return ok({ success: true });
}

const env = { plane: 'environment' } as const;
const FIELDS = ['metadata_field_id', 'name', 'condition', 'result', 'state', 'position'];

export const METADATA_RULE_ROUTES: Route[] = [
  {
    ...env,
    method: 'GET',
    path: '/metadata_rules',
    handler: (call) => ok({ metadata_rules: rulesOf(call).map(shown) }),
  },
  { ...env, method: 'POST', path: '/metadata_rules', takes: FIELDS, handler: createRule },
  { ...env, method: 'PUT', path: '/metadata_rules/{id}', takes: FIELDS, handler: updateRule },
  { ...env, method: 'DELETE', path: '/metadata_rules/{id}', handler: deleteRule },
];
