import type { Context } from '../../common/types.ts';
import { CHOSEN } from '../chosen.ts';
import { ApiRefusal, CODES } from '../errors.ts';
import { iso } from '../ids.ts';
import type { Call } from '../kit.ts';
import { chosenRefusal } from '../kit.ts';
import type { Approval, Asset, AssetState, Domain, State, Version } from '../state.ts';
import { addHistory, change, keepsApproved, latest } from './assets.ts';
import { may, rolesOf } from './rights.ts';
import type { Right } from './rights.ts';

/** Section 4.3: the moves between states, and what stands against one. */

/** The list of a bulk reply that an asset with this problem ends up in. */
export type BulkList =
  | 'permissionDeniedExceptionResources'
  | 'resourceLockedExceptionResources'
  | 'invalidStateForUpdateExceptionResources'
  | 'notAllChildrenApprovedExceptionResources'
  | 'workflowExceptionResources';

export type Problem = { list: BulkList; refusal: ApiRefusal };

const MOVES: Record<Domain['workflow'], readonly string[]> = {
  NORMAL: ['DRAFT>REVIEW', 'REVIEW>APPROVED', 'REVIEW>REJECTED', 'REJECTED>DRAFT', 'APPROVED>DRAFT'],
  ADVANCED: ['DRAFT>REVIEW', 'REVIEW>APPROVED', 'REVIEW>REJECTED', 'REJECTED>DRAFT', 'APPROVED>DRAFT'],
  SIMPLE: ['DRAFT>APPROVED', 'APPROVED>DRAFT'],
};

/** The right that a move takes; drafting anew is editing. */
function rightFor(target: AssetState): Right {
  if (target === 'APPROVED' || target === 'REJECTED') return 'APPROVE';
  return target === 'REVIEW' ? 'REVIEW' : 'EDIT';
}

export type Move = { domain: Domain; asset: Asset; target: AssetState };

/** What stands against the move, or null. Checked in the order permission, lock, workflow, own work, children. */
export function problemOf(call: Call, { domain, asset, target }: Move): Problem | null {
  const { state, me } = call;
  const version = latest(asset);
  if (!may(state, me, rightFor(target), domain.id, asset.type)) {
    return denied(call, `The user may not move ${asset.type} to ${target} in ${domain.id}`);
  }
  if (lockedByOther(version, me.user))
    return { list: 'resourceLockedExceptionResources', refusal: lockRefusal(call, version) };
  if (version.state === target && CHOSEN.value(state, 'SAME_STATE') === 'no-op') return null;
  if (!MOVES[domain.workflow].includes(`${version.state}>${target}`)) {
    const list =
      domain.workflow === 'SIMPLE' ? 'workflowExceptionResources' : 'invalidStateForUpdateExceptionResources';
    const message = `Workflow ${domain.workflow} has no move from ${version.state} to ${target}`;
    return { list, refusal: chosenRefusal(call, 'BAD_MOVE', CODES.BAD_MOVE, message) };
  }
  return target === 'APPROVED' ? approvalProblem(call, domain, asset, version) : null;
}

function denied(call: Call, message: string): Problem {
  const refusal = chosenRefusal(call, 'NO_PERMISSION', CODES.FORBIDDEN, message);
  return { list: 'permissionDeniedExceptionResources', refusal };
}

function approvalProblem(call: Call, domain: Domain, asset: Asset, version: Version): Problem | null {
  if (domain.restrictApproval) {
    const rule = CHOSEN.use(call.ctx, 'RESTRICT_APPROVAL');
    const barred = rule === 'creator' ? version.createdBy : rule === 'off' ? null : version.lastModifiedBy;
    if (barred?.toLowerCase() === call.me.user.toLowerCase()) {
      const refusal = new ApiRefusal(
        403,
        CODES.RESTRICT_APPROVAL,
        'Users may not approve their own work in this domain',
      );
      return { list: 'permissionDeniedExceptionResources', refusal };
    }
  }
  if (version.approvals !== null && mine(call, domain, version.approvals).length === 0) {
    call.ctx.chosen('ADVANCED_LEVELS');
    return denied(call, 'The user holds no role whose approval is due');
  }
  const unapproved = childrenNotApproved(call.state, asset);
  if (unapproved.length === 0) return null;
  if (CHOSEN.use(call.ctx, 'CHILDREN_APPROVED') === 'ignored') return null;
  const message = `Not approved yet: ${unapproved.join(', ')}`;
  return { list: 'notAllChildrenApprovedExceptionResources', refusal: new ApiRefusal(409, CODES.CHILDREN, message) };
}

/** What the asset links to and that has no approved version. */
function childrenNotApproved(state: State, asset: Asset): string[] {
  const children = state.links.filter((link) => link.linkSubjectId === asset.id).map((link) => link.linkObjectId);
  return [...new Set(children)].filter((id) => {
    const child = state.resources[id];
    return child !== undefined && !child.versions.some((version) => version.state === 'APPROVED');
  });
}

export function lockedByOther(version: Version, user: string): boolean {
  return version.locked && version.lockedBy?.toLowerCase() !== user.toLowerCase();
}

export function lockRefusal(call: Call, version: Version): ApiRefusal {
  return chosenRefusal(call, 'LOCKED_BY_OTHER', CODES.LOCKED_BY_OTHER, `The resource is locked by ${version.lockedBy}`);
}

/** The open approvals that this user can give now: of roles held, at the lowest open level. */
function mine(call: Call, domain: Domain, approvals: Approval[]): Approval[] {
  const held = new Set(rolesOf(call.state, call.me.groups, domain.id).map((role) => role.name));
  const open = approvals.filter((approval) => !approval.approved);
  const lowest = Math.min(...open.map((approval) => approval.level));
  const anyOrder = CHOSEN.value(call.state, 'ADVANCED_LEVELS') === 'any order';
  return open.filter((approval) => held.has(approval.role) && (anyOrder || approval.level === lowest));
}

/** The approvals that a review in this domain needs; null where the workflow knows no levels for the type. */
export function approvalsFor(state: State, domain: Domain, type: string): Approval[] | null {
  if (domain.workflow !== 'ADVANCED') return null;
  const group = domain.approvalGroups.find(
    ({ resourceTypes }) => resourceTypes.includes(type) || resourceTypes.includes('all'),
  );
  if (!group) return null;
  return group.approvalRoles
    .map(({ roleId, level }) => ({ role: state.roles[roleId]?.name ?? roleId, level, approved: false, pending: true }))
    .toSorted((a, b) => a.level - b.level);
}

export type Done = { comment: string; locked: boolean | undefined };

/** Carries a move out that nothing stands against. */
export function carryOut(call: Call, move: Move, { comment, locked }: Done): Version {
  const { ctx, me } = call;
  const { domain, asset, target } = move;
  let version = latest(asset);
  const by = me.user;
  if (version.state === target) return relock(ctx, move, version, by, locked);
  if (version.state === 'APPROVED' && target === 'DRAFT') {
    ctx.chosen('NEW_VERSION');
    if (keepsApproved(call.state)) version = successor(ctx, move, by, comment);
  }
  const approvals = target === 'APPROVED' ? approved(call, domain, version) : null;
  change(ctx, { asset, version, domain: domain.id, by, comment }, 'STATE', () => {
    version.stateComment = comment;
    version.approvals = target === 'REVIEW' ? approvalsFor(call.state, domain, asset.type) : approvals;
    if (approvals === null) version.state = target;
    setLock(version, by, locked);
  });
  return version;
}

/** The approvals after this user's; null when none is open any more. */
function approved(call: Call, domain: Domain, version: Version): Approval[] | null {
  if (version.approvals === null) return null;
  call.ctx.chosen('ADVANCED_LEVELS');
  const now = new Set(mine(call, domain, version.approvals));
  const after = version.approvals.map((one) => (now.has(one) ? { ...one, approved: true, pending: false } : one));
  return after.every((one) => one.approved) ? null : after;
}

function relock(ctx: Context<State>, move: Move, version: Version, by: string, locked: boolean | undefined): Version {
  ctx.chosen('SAME_STATE');
  change(ctx, { asset: move.asset, version, domain: move.domain.id, by, comment: '' }, null, () =>
    setLock(version, by, locked),
  );
  return version;
}

function successor(ctx: Context<State>, { asset, domain }: Move, by: string, comment: string): Version {
  const next: Version = structuredClone(latest(asset));
  Object.assign(next, { version: next.version + 1, revision: 0, createdBy: by, createdDate: iso(ctx.now()) });
  asset.versions.push(next);
  addHistory(ctx, { asset, version: next, domain: domain.id, by, type: 'CREATE', comment });
  return next;
}

export function setLock(version: Version, by: string, locked: boolean | undefined): void {
  if (locked === undefined) return;
  version.locked = locked;
  version.lockedBy = locked ? by : null;
}
