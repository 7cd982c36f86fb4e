import type { Reply } from '../../common/types.ts';
import type { Call } from '../kit.ts';
import { queryFlag, shown } from '../kit.ts';
import { page } from '../paging.ts';
import { may } from '../rules/rights.ts';
import { searcher } from '../rules/search.ts';
import type { ApprovalGroup, Domain, State } from '../state.ts';

/** Section 4.2: domains. Their id is their name. */

export function domainView(state: State, domain: Domain, o: { children: boolean; approval: boolean }): object {
  const { approvalGroups, ...fields } = domain;
  const below = Object.values(state.domains).filter((other) => other.parent === domain.id);
  return shown({
    ...fields,
    children: o.children ? below.map((child) => domainView(state, child, o)) : [],
    approvalGroups: o.approval ? approvalGroups.map((group) => approvalView(state, group)) : [],
  });
}

function approvalView(state: State, group: ApprovalGroup): object {
  return {
    resourceTypes: group.resourceTypes,
    approvalRoles: group.approvalRoles.map(({ roleId, level, email }) =>
      shown({ role: { id: roleId, name: state.roles[roleId]?.name ?? '' }, level, email }),
    ),
  };
}

/** GET /domains */
export function listDomains(call: Call): Reply {
  const fits = searcher(call);
  const mine = queryFlag(call, 'filter.currentUser') ?? false;
  const o = {
    children: queryFlag(call, 'fetchChildren') ?? false,
    approval: queryFlag(call, 'fetchApprovalGroups') ?? false,
  };
  const rows = Object.values(call.state.domains)
    .filter((domain) => fits([domain.id, domain.description]))
    .filter((domain) => !mine || may(call.state, call.me, 'READ', domain.id));
  return page(call, rows, (domain) => domainView(call.state, domain, o));
}
