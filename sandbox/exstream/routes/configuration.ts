import { recordEffect } from '../../common/effects.ts';
import type { Reply } from '../../common/types.ts';
import { notFound } from '../errors.ts';
import type { Call } from '../kit.ts';
import { json, list, param, text } from '../kit.ts';
import { page } from '../paging.ts';
import { domainFor, may, need } from '../rules/rights.ts';
import { filterPairs } from '../rules/rowFilter.ts';

/** Section 5.3: configuration (read only), the cache, published flow models. */

/** GET /configuration/{domain}?filter=configType:X */
export function listConfiguration(call: Call): Reply {
  const domain = domainFor(call, 'READ').id;
  const wanted = filterPairs(call);
  const rows = Object.values(call.state.configuration).filter(
    (row) =>
      row.domainId === domain &&
      wanted.every(([key, value]) => (key === 'configType' || key === 'configName' ? row[key] === value : true)),
  );
  return page(call, rows, (row) => row);
}

/** GET /configuration/{domain}/{type}/{name}: no envelope */
export function getConfiguration(call: Call): Reply {
  const domain = domainFor(call, 'READ').id;
  const [type, name] = [param(call, 'type'), param(call, 'name')];
  const row = Object.values(call.state.configuration).find(
    (one) => one.domainId === domain && one.configType === type && one.configName === name,
  );
  if (!row) throw notFound(`Configuration ${type}/${name} in ${domain}`);
  return json(200, row);
}

/** POST /runtime/cache/update */
export function updateCache(call: Call): Reply {
  const domains = Object.keys(call.state.domains);
  need(call, 'RUN', domains.find((domain) => may(call.state, call.me, 'RUN', domain)) ?? domains[0] ?? '');
  const before = { updates: call.state.cacheUpdates };
  call.state.cacheUpdates += 1;
  recordEffect(call.ctx, 'cache', 'input files', before, { updates: call.state.cacheUpdates });
  return text('OK');
}

/** GET /flow-models/{domain}/published */
export function listPublished(call: Call): Reply {
  const domain = domainFor(call, 'READ').id;
  const rows = Object.values(call.state.flowModels).filter((model) => model.domain === domain);
  return list(
    call,
    rows.map(({ domain: _domain, service: _service, holds: _holds, ...model }) => ({
      ...model,
      revision: 1,
      stateComment: '',
      latestVersion: true,
    })),
  );
}
