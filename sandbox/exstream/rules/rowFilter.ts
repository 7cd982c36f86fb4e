import { ApiRefusal, CODES } from '../errors.ts';
import type { Call } from '../kit.ts';
import { badInput } from '../kit.ts';

/**
 * Section 3: Orchestration's one `filter` parameter, `key:value` pairs joined by `;`, list values by `,`. Dates are
 * `yyyy-MM-dd`: from the beginning of that day (`…Start`) or to its end (`…End`), never finer.
 */

type Kind = 'ids' | 'list' | 'text' | 'flag';
type Keys = Record<string, { field: string; kind: Kind }>;

const COMMON: Keys = {
  ids: { field: 'id', kind: 'ids' },
  externalId: { field: 'externalId', kind: 'text' },
  statuses: { field: 'status', kind: 'list' },
};
const KEYS = {
  jobs: {
    channel: { field: 'channel', kind: 'text' },
    triggeredBy: { field: 'triggeredBy', kind: 'text' },
    mode: { field: 'mode', kind: 'text' },
    flowModelTypes: { field: 'flowModelType', kind: 'list' },
  },
  flowInstances: {
    jobId: { field: 'jobId', kind: 'ids' },
    flowModelIds: { field: 'flowModelId', kind: 'ids' },
    flowModelTypes: { field: 'flowModelType', kind: 'list' },
  },
  flowSteps: {
    flowInstanceId: { field: 'flowInstanceId', kind: 'ids' },
    previousStepId: { field: 'previousStepId', kind: 'ids' },
    stepName: { field: 'stepName', kind: 'text' },
    displayName: { field: 'displayName', kind: 'text' },
    stepTypes: { field: 'stepType', kind: 'list' },
    deliveryFileRetrievable: { field: 'deliveryFileRetrievable', kind: 'flag' },
  },
} as const satisfies Record<string, Keys>;

const DATES: Record<string, string> = { startDate: 'startDate', endDate: 'endDate', expiringDate: 'expirationDate' };
const DAY_MS = 86_400_000;

type Test = (row: Record<string, unknown>) => boolean;

/** The pairs of the `filter` parameter; a value may hold further colons. */
export function filterPairs(call: Call): [string, string][] {
  return call.query
    .getAll('filter')
    .flatMap((filter) => filter.split(';'))
    .filter((pair) => pair.trim() !== '')
    .map((pair) => {
      const colon = pair.indexOf(':');
      if (colon < 0) throw badInput(call, `"${pair}" in filter is no key:value`);
      return [pair.slice(0, colon).trim(), pair.slice(colon + 1).trim()];
    });
}

/** Whether a row fits the filter. Unknown keys are passed over, in strict mode refused. */
export function rowFilter(call: Call, kind: keyof typeof KEYS): (row: object) => boolean {
  const keys: Keys = { ...COMMON, ...KEYS[kind] };
  const tests = filterPairs(call).map(([key, value]) => testOf(call, keys, key, value));
  return (row) => tests.every((test) => test(row as Record<string, unknown>)); // any row's fields can be asked for
}

function testOf(call: Call, keys: Keys, key: string, value: string): Test {
  const known = Object.hasOwn(keys, key) ? keys[key] : undefined;
  if (known) return valueTest(known.field, known.kind, value);
  const date = /^(startDate|endDate|expiringDate)(Start|End)$/.exec(key);
  const field = DATES[date?.[1] ?? ''];
  if (field !== undefined) return dateTest(call, field, date?.[2] === 'Start', value);
  if (call.strict) throw new ApiRefusal(400, CODES.STRICT, `The filter key ${key} is not in the contract`);
  return () => true;
}

function valueTest(field: string, kind: Kind, value: string): Test {
  if (kind === 'flag') return (row) => String(row[field]) === value.toLowerCase();
  if (kind === 'text') return (row) => row[field] === value;
  const wanted = value.split(',').map((part) => part.trim().toLowerCase());
  return (row) => wanted.includes(String(row[field]).toLowerCase());
}

function dateTest(call: Call, field: string, isStart: boolean, value: string): Test {
  const day = /^\d{4}-\d\d-\d\d$/.test(value) ? Date.parse(`${value}T00:00:00Z`) : NaN;
  if (Number.isNaN(day)) throw badInput(call, `${value} in filter is no date yyyy-MM-dd`);
  return (row) => {
    const date = row[field];
    if (typeof date !== 'string') return false;
    const at = Date.parse(date);
    return isStart ? at >= day : at < day + DAY_MS;
  };
}
