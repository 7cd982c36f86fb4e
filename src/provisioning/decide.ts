import { inForce, type Decision } from '../domain/decision.ts';
import type { Desired, ApprovalRequirement, Grant } from '../domain/desired.ts';
import type { PersonRef } from '../domain/person.ts';
import { EngineError, type Attempt, type EngineDeps } from './engine.ts';

export type DecideRequest = {
  person: PersonRef;
  decision: 'approve' | 'reject' | 'withdraw';
  by: string;
  reason: string;
  identity?: string;
  ask?: { item: string; demand: number; digest: string; entitlements: readonly string[]; rung: 'first' | 'second' };
  /** The caller's own name for this decision: a repeat finds the one already written. */
  key: string;
  /** A rule of procedure speaks (no answer): no approver to check. */
  procedure?: boolean;
};
export type DecideVerdict = { accepted: true; decision: Decision } | { accepted: false; code: string; message: string };

/**
 * Checks the giver against the present approvers and records the decision, or records and answers the refusal. Idempotent: the same giver's same
 * decision (by its key) is found, not written twice.
 */
export async function decide(deps: EngineDeps, request: DecideRequest, attempt: Attempt): Promise<DecideVerdict> {
  const decisions = await deps.ledger.decisions(request.person.uuid);
  const wrong =
    request.decision === 'withdraw'
      ? await withdrawable(deps, request, decisions, attempt)
      : await approvable(deps, request, attempt);
  if ('code' in wrong) {
    await deps.ledger.recordRefusal(request.person.uuid, {
      by: request.by,
      ...(request.identity && { identity: request.identity }),
      what: describe(request),
      why: `${wrong.code}: ${wrong.message}`,
    });
    return { accepted: false, ...wrong };
  }
  const written = await write(deps, request, wrong, attempt.now);
  return { accepted: true, decision: written };
}

/** Present approvers of a rung, active, without the beneficiary; as `login@partition`, sorted. */
export async function approversOf(
  deps: EngineDeps,
  person: PersonRef,
  approval: ApprovalRequirement,
  rung: 'first' | 'second',
  attempt: Attempt,
): Promise<string[]> {
  const call = { signal: attempt.signal };
  const first = (await deps.directory.membersOf(approval.group, call)).map((m) => m.who);
  if (rung === 'first') return clean(first, person);
  const otherwise = approval.otherwise;
  if (!otherwise) return [];
  if ('group' in otherwise)
    return clean(
      (await deps.directory.membersOf(otherwise.group, call)).map((m) => m.who),
      person,
    );
  const below = otherwise.managerOf === 'approver' ? first : [person.who];
  const managers = await Promise.all(below.map(async (who) => (await deps.directory.person(who, call))?.manager));
  const active = await Promise.all(
    managers.map(async (who) =>
      who && (await deps.directory.person(who, call))?.state === 'active' ? who : undefined,
    ),
  );
  return clean(
    active.filter((who) => who !== undefined),
    person,
  );
}

function clean(who: readonly string[], person: PersonRef): string[] {
  return [...new Set(who)].filter((w) => w.toLowerCase() !== person.who.toLowerCase()).sort();
}

type Right = { grant?: Grant; /** Decisions that a withdrawal ends. */ ends?: readonly number[] };
type Checked = Right | { code: string; message: string };

async function approvable(deps: EngineDeps, request: DecideRequest, attempt: Attempt): Promise<Checked> {
  const { ask, person } = request;
  if (!ask) return { code: 'NOTHING_TO_DECIDE', message: 'Nothing waits for a decision here.' };
  const noted = await deps.ledger.note(person);
  const grant = noted.previous && findGrant(noted.previous, ask.item, ask.demand);
  if (!grant || grant.digest !== ask.digest || !grant.approval) {
    return {
      code: 'ASK_OVER',
      message: `The rule ${ask.item} is no longer asked for in this form: it changed, or ${person.who} no longer needs it. The run asks again where it must.`,
    };
  }
  if (request.procedure) return { grant };
  if (request.by.toLowerCase() === person.who.toLowerCase())
    return { code: 'SELF_APPROVAL', message: `${request.by} is the beneficiary and cannot decide.` };
  const rungs = ask.rung === 'second' ? (['first', 'second'] as const) : (['first'] as const);
  const lists = await Promise.all(rungs.map((rung) => approversOf(deps, person, grant.approval!, rung, attempt)));
  const approvers = lists.flat();
  if (!approvers.some((a) => a.toLowerCase() === request.by.toLowerCase())) {
    return {
      code: 'NOT_AN_APPROVER',
      message: `${request.by} is not among the present approvers of ${ask.item} (${approvers.join(', ') || 'nobody'}).`,
    };
  }
  return { grant };
}

async function withdrawable(
  deps: EngineDeps,
  request: DecideRequest,
  decisions: readonly Decision[],
  attempt: Attempt,
): Promise<Checked> {
  const giver = await deps.directory.person(request.by, { signal: attempt.signal });
  if (giver?.state !== 'active')
    return {
      code: 'GIVER_UNKNOWN',
      message: `${request.by} is nobody active in the directory: "by" must name an active person.`,
    };
  if (giver.who.toLowerCase() === request.person.who.toLowerCase())
    return { code: 'SELF_APPROVAL', message: `${request.by} is the leaver and cannot withdraw the departure.` };
  const departures = inForce(decisions, attempt.now).filter((d) => d.kind === 'depart');
  if (departures.length === 0)
    return {
      code: 'NOTHING_TO_WITHDRAW',
      message: `No departure of ${request.person.who} is in force. Where the directory itself says that somebody left, mend it there.`,
    };
  return { ends: departures.map((d) => d.id) };
}

function findGrant(desired: Desired, rule: string, demand: number): Grant | undefined {
  for (const target of Object.values(desired.targets)) {
    for (const e of target.entitlements) {
      const grant = e.grants.find((g) => g.rule === rule && g.demand === demand);
      if (grant) return grant;
    }
  }
  return undefined;
}

/** One row for an approval or rejection; a withdrawal ends every departure in force, each by a row of its own. */
async function write(deps: EngineDeps, request: DecideRequest, right: Right, now: string): Promise<Decision> {
  const { person, ask, key } = request;
  const said = {
    kind: request.decision,
    by: request.by,
    reason: request.reason,
    ...(request.identity && { identity: request.identity }),
  };
  if (!ask) {
    const rows: Decision[] = [];
    for (const ends of right.ends ?? [])
      rows.push(await deps.ledger.decide(person.uuid, { ...said, ends }, `${key}/${ends}`));
    return rows[0]!;
  }
  const validMs = right.grant?.approval?.validMs;
  const limited =
    validMs !== undefined && request.decision === 'approve'
      ? { endsAt: new Date(Date.parse(now) + validMs).toISOString() }
      : {};
  return await deps.ledger.decide(
    person.uuid,
    { ...said, rule: ask.item, demand: ask.demand, digest: ask.digest, entitlements: ask.entitlements, ...limited },
    key,
  );
}

function describe(request: DecideRequest): string {
  return `${request.decision} ${request.ask?.item ?? 'departure'}`;
}

/** Records the departure that a hand-started offboarding stands for; the same input of the same run is not written twice. */
export async function recordDeparture(
  deps: EngineDeps,
  person: PersonRef,
  depart: { by: string; identity?: string; reason: string; urgent: boolean; lastDay?: string },
  run: string,
): Promise<void> {
  const effectiveAt = depart.lastDay === undefined ? undefined : endOfDay(depart.lastDay);
  const key = `depart/${run}/${depart.by}/${depart.reason}/${depart.urgent}/${effectiveAt ?? 'now'}`;
  const said = {
    kind: 'depart' as const,
    by: depart.by,
    reason: depart.reason,
    ...(depart.identity && { identity: depart.identity }),
  };
  await deps.ledger.decide(
    person.uuid,
    { ...said, ...(depart.urgent && { urgent: true }), ...(effectiveAt && { effectiveAt }) },
    key,
  );
}

/** A bare date means the end of that day, UTC; an instant means itself. */
function endOfDay(lastDay: string): string {
  const ms = Date.parse(lastDay);
  if (Number.isNaN(ms))
    throw new EngineError('INPUT_INVALID', `The field "lastDay" is no date: ${lastDay}.`, { retryable: false });
  return new Date(lastDay.length === 10 ? ms + 86_400_000 : ms).toISOString();
}
