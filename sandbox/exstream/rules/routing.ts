import { isObject } from '../../common/fields.ts';
import type { Condition, FlowModel, FlowNode, RunInput } from '../state.ts';

/** Section 5.3: a flow model routes on variables of the driver data, tested by a decider. No other routing exists. */

/** The driver data, as far as it is JSON. */
function parsed(input: RunInput): unknown {
  try {
    return JSON.parse(input.body) as unknown;
  } catch {
    return undefined;
  }
}

function inJson(value: unknown, path: readonly string[]): string | undefined {
  let at = value;
  for (const name of path) at = isObject(at) ? at[name] : undefined;
  return at === undefined || at === null || typeof at === 'object' ? undefined : String(at);
}

function inXml(xml: string, path: readonly string[]): string | undefined {
  let at = xml;
  for (const name of path) {
    const tag = name.replace(/[^\w.-]/g, '');
    const found = new RegExp(`<(?:[\\w.-]+:)?${tag}(?:\\s[^>]*)?>([\\s\\S]*?)</(?:[\\w.-]+:)?${tag}>`).exec(at)?.[1];
    if (found === undefined) return undefined;
    at = found;
  }
  return at.includes('<') ? undefined : at.trim();
}

/** A variable by its dotted name in the driver data, else (when headers count) the header of that name. */
export function variable(input: RunInput, name: string, headers: boolean): string | undefined {
  const path = name.split('.');
  const found = input.body.trimStart().startsWith('<') ? inXml(input.body, path) : inJson(parsed(input), path);
  return found ?? (headers ? input.headers[name.toLowerCase()] : undefined);
}

function order(condition: Condition, value: string): number {
  const other = condition.value ?? '';
  if (condition.datatype === 'numeric') return Math.sign(Number(value) - Number(other));
  return value < other ? -1 : value > other ? 1 : 0;
}

/** Whether a value (undefined: there is none) fits a condition. Texts compare with case. */
export function holds(condition: Condition, value: string | undefined): boolean {
  if (condition.operator === 'NL') return value === undefined;
  if (condition.operator === 'NN') return value !== undefined;
  if (value === undefined) return condition.operator === 'NEQ' || condition.operator === 'NIN';
  const among = (condition.values ?? []).includes(value);
  switch (condition.operator) {
    case 'EQ':
      return order(condition, value) === 0;
    case 'NEQ':
      return order(condition, value) !== 0;
    case 'LT':
      return order(condition, value) < 0;
    case 'LTE':
      return order(condition, value) <= 0;
    case 'GT':
      return order(condition, value) > 0;
    case 'GTE':
      return order(condition, value) >= 0;
    case 'IN':
      return among;
    case 'NIN':
      return !among;
  }
}

export type Way = { node: FlowNode; branch: string }[];

/**
 * The nodes a run passes, from the input on. At a decider the first connection that fits is taken, else the default one;
 * where none fits the way ends there.
 */
export function wayThrough(model: FlowModel, input: RunInput, headers: boolean): Way {
  const byId = new Map(model.nodes.map((node) => [node.id, node]));
  const way: Way = [];
  let node = model.nodes.find(({ type }) => type === 'input');
  while (node && way.length <= model.nodes.length) {
    const fits = (c: FlowNode['connections'][number]): boolean =>
      c.condition !== undefined && holds(c.condition, variable(input, c.condition.name, headers));
    const taken =
      node.connections.find(fits) ?? node.connections.find((c) => c.condition === undefined || c.defaultConnection);
    way.push({ node, branch: taken?.displayName ?? '' });
    node = taken ? byId.get(taken.targetNodeId) : undefined;
  }
  return way;
}
