import { inForce, type Decision } from '../domain/decision.ts';
import type { Desired, Grant } from '../domain/desired.ts';
import type { PersonRef } from '../domain/person.ts';
import type { NewDecision } from '../ledger/types.ts';
import { approversOf } from './approvers.ts';
import { EngineError, type Attempt, type EngineDeps } from './engine.ts';

export type DecideRequest = {
  person: PersonRef;
  decision: 'approve' | 'reject' | 'withdraw' | 'match' | 'exempt';
  by: string;
  reason: string;
  identity?: string;
  /** withdraw: a rule or conflict instead of the departure. match: `<system>:account/<native id>`. exempt: a conflict's name. */
  item?: string;
  /** exempt: ISO date or instant at which it ends. */
  until?: string;
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
  const isVerdict = request.decision === 'approve' || request.decision === 'reject';
  const wrong = isVerdict ? await approvable(deps, request, attempt) : await statement(deps, request, attempt);
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

type Right = {
  grant?: Grant;
  /** The decisions to write: a withdrawal may end several. */ rows?: readonly Partial<NewDecision>[];
};
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

/** What needs no approver but an active person who is not concerned: ending a departure or withholding, saying whose an account is, an exemption. */
async function statement(deps: EngineDeps, request: DecideRequest, attempt: Attempt): Promise<Checked> {
  const giver = await deps.directory.person(request.by, { signal: attempt.signal });
  if (giver?.state !== 'active')
    return {
      code: 'GIVER_UNKNOWN',
      message: `${request.by} is nobody active in the directory: "by" must name an active person.`,
    };
  if (giver.who.toLowerCase() === request.person.who.toLowerCase())
    return { code: 'SELF_APPROVAL', message: `${request.by} is the person concerned and cannot decide.` };
  if (request.decision === 'withdraw')
    return withdrawal(await deps.ledger.decisions(request.person.uuid), request, attempt.now);
  return request.decision === 'match' ? match(deps, request) : await exemption(deps, request);
}

function withdrawal(decisions: readonly Decision[], request: DecideRequest, now: string): Checked {
  const { item, person } = request;
  const fits = (d: Decision): boolean =>
    item === undefined
      ? d.kind === 'depart'
      : (d.kind === 'withhold' && d.rule === item) || (d.kind === 'exempt' && d.conflict === item);
  const ends = inForce(decisions, now).filter(fits);
  if (ends.length > 0) return { rows: ends.map((d) => ({ ends: d.id })) };
  const message =
    item === undefined
      ? `No departure of ${person.who} is in force. Where the directory itself says that somebody left, mend it there.`
      : `Nothing about "${item}" is withheld or exempted for ${person.who}.`;
  return { code: 'NOTHING_TO_WITHDRAW', message };
}

function match(deps: EngineDeps, { item = '' }: DecideRequest): Checked {
  const [, system = '', id = ''] = /^([^:]+):account\/(.+)$/u.exec(item) ?? [];
  if (id !== '' && deps.targets[system]) return { rows: [{ entitlements: [item] }] };
  return {
    code: 'ITEM_UNKNOWN',
    message: `The field "item" must name an account as <system>:account/<native id>, with a system of ${Object.keys(deps.targets).join(', ')}.`,
  };
}

async function exemption(deps: EngineDeps, { item, until, person }: DecideRequest): Promise<Checked> {
  const names = (await deps.ledger.note(person)).previous?.conflicts.map((c) => c.name) ?? [];
  if (item === undefined || !names.includes(item))
    return {
      code: 'ITEM_UNKNOWN',
      message: `The field "item" must name a conflict of the policy that concerns ${person.who}: ${names.join(', ') || 'there is none'}.`,
    };
  if (until === undefined)
    return {
      code: 'INPUT_INVALID',
      message: 'An exemption needs an end: the field "until" is missing, for example "2026-12-31".',
    };
  return { rows: [{ conflict: item, endsAt: endOfDay(until) }] };
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

/** One row, or for a withdrawal one for every decision that it ends. */
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
    for (const [nth, row] of (right.rows ?? []).entries())
      rows.push(await deps.ledger.decide(person.uuid, { ...said, ...row }, `${key}/${nth}`));
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
  return `${request.decision} ${request.ask?.item ?? request.item ?? 'departure'}`;
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
    throw new EngineError('INPUT_INVALID', `This is no date: ${lastDay}. Write 2026-12-31 or 2026-12-31T17:00:00Z.`, {
      retryable: false,
    });
  return new Date(lastDay.length === 10 ? ms + 86_400_000 : ms).toISOString();
}
