import type { Reply } from '../../common/types.ts';
import { CHOSEN } from '../chosen.ts';
import type { Call } from '../kit.ts';
import { badInput, bodyOf, data, flagOf, requiredText, textOf } from '../kit.ts';
import { assetOf, assetView, change, latest, stateFrom } from '../rules/assets.ts';
import { domainFor } from '../rules/rights.ts';
import type { Done, Move } from '../rules/workflow.ts';
import { carryOut, problemOf, setLock } from '../rules/workflow.ts';
import type { Asset, AssetState, Domain } from '../state.ts';

/** Section 4.3: moving one asset, or many, to another state. */

export const STATE_BODY = ['state', 'auditedComment', 'locked'] as const;
export const BULK_BODY = [...STATE_BODY, 'resourceIds'] as const;

function wanted(call: Call, body: Record<string, unknown>): { target: AssetState; done: Done } {
  return {
    target: stateFrom(call, requiredText(call, body, 'state')),
    done: { comment: textOf(call, body, 'auditedComment', ''), locked: flagOf(call, body, 'locked') },
  };
}

/** Special faults: somebody else was quicker, so that this move meets another state or a lock. */
function interfere(call: Call, asset: Asset, domain: Domain): void {
  const version = latest(asset);
  const other = { asset, version, domain: domain.id, by: 'someone.else@staff', comment: '' };
  if (call.ctx.special('stateMoved')) {
    const elsewhere: AssetState = version.state === 'REVIEW' ? 'REJECTED' : 'REVIEW';
    change(call.ctx, other, 'STATE', () => Object.assign(version, { state: elsewhere, approvals: null }));
  }
  if (call.ctx.special('lockTaken')) change(call.ctx, other, null, () => setLock(version, other.by, true));
}

/** PUT /resources/{domain}/{id}/state */
export function putState(call: Call): Reply {
  const domain = domainFor(call, 'READ');
  const asset = assetOf(call, domain.id);
  const { target, done } = wanted(call, bodyOf(call));
  interfere(call, asset, domain);
  const move: Move = { domain, asset, target };
  const problem = problemOf(call, move);
  if (problem) throw problem.refusal;
  const version = carryOut(call, move, done);
  return data(call, assetView(call, asset, version, { domains: true, approval: domain.workflow === 'ADVANCED' }));
}

const LISTS = [
  'stateChangedResources',
  'domainNotFoundExceptionResources',
  'permissionDeniedExceptionResources',
  'resourceLockedExceptionResources',
  'invalidStateForUpdateExceptionResources',
  'notAllChildrenApprovedExceptionResources',
  'workflowExceptionResources',
  'unexpectedExceptionResources',
  'errorResources',
] as const satisfies readonly string[];
type ListName = (typeof LISTS)[number];

/** PUT /resources/{domain}/state: each asset for itself; which went wrong is told by the list it is in. */
export function putBulkState(call: Call): Reply {
  const domain = domainFor(call, 'READ');
  const body = bodyOf(call);
  const { target, done } = wanted(call, body);
  const ids = body['resourceIds'];
  if (!Array.isArray(ids) || !ids.every((id): id is string => typeof id === 'string')) {
    throw badInput(call, 'resourceIds must be a list of ids');
  }
  const lists: Record<ListName, object[]> = Object.fromEntries(LISTS.map((name) => [name, []])) as never; // every name once
  const failing = call.ctx.special('partialBulk');
  for (const [i, id] of ids.entries()) {
    const asset = call.state.resources[id.toLowerCase()];
    if (!asset) lists.errorResources.push({ id });
    else if (!asset.domains.includes(domain.id)) lists.domainNotFoundExceptionResources.push({ id, type: asset.type });
    else if (failing && i % 2 === 1) lists.unexpectedExceptionResources.push(assetView(call, asset, latest(asset)));
    else moveOne(call, { domain, asset, target }, done, lists);
  }
  call.ctx.chosen('BULK_STATUS');
  const allFailed = ids.length > 0 && lists.stateChangedResources.length === 0;
  return data(call, lists, allFailed ? CHOSEN.count(call.state, 'BULK_STATUS') : 200);
}

function moveOne(call: Call, move: Move, done: Done, lists: Record<ListName, object[]>): void {
  const problem = problemOf(call, move);
  const version = problem ? latest(move.asset) : carryOut(call, move, done);
  lists[problem?.list ?? 'stateChangedResources'].push(assetView(call, move.asset, version));
}
