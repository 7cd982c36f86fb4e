import { Context } from '@temporalio/activity';
import { inForce, type Decision } from '../domain/decision.ts';
import type { Due } from '../domain/change.ts';
import { due as dueNow } from '../domain/due.ts';
import type { PersonRef } from '../domain/person.ts';
import { approversOf } from '../provisioning/approvers.ts';
import { decide, recordDeparture } from '../provisioning/decide.ts';
import { EngineError, type Attempt, type EngineDeps } from '../provisioning/engine.ts';
import { deleteAt, endedByReenable, openAsks, resolve, type Resolution } from '../provisioning/resolve.ts';
import { comparePass } from '../provisioning/watch.ts';
import { attempted } from './context.ts';
import type { ActivityDeps } from './create.ts';
import { identityOf } from './identity.ts';
import { isOpen, startRuns } from './start.ts';
import type { Ask, OtdsActivities, Resolved, ResolveInput, ResolveResult, RunName } from './types.ts';

/** Activities that read the directory. */
export function otdsActivities(deps: ActivityDeps): OtdsActivities {
  const { engine } = deps;
  return {
    resolvePerson: (input) => attempted(engine.log, (attempt) => resolvePerson(deps, input, attempt)),
    askApprovers: (input) =>
      attempted(engine.log, async (attempt) => {
        const person = await known(engine, input.person);
        const grant = (await engine.ledger.note(person)).previous;
        const approval = Object.values(grant?.targets ?? {})
          .flatMap((t) => t.entitlements.flatMap((e) => e.grants))
          .find((g) => g.rule === input.item && g.demand === input.demand)?.approval;
        if (!approval) return { approvers: [] };
        const approvers = await approversOf(engine, person, approval, input.rung, attempt);
        const text = `${input.reminder ? 'Reminded' : 'Asked'} ${approvers.join(', ') || 'nobody'} to decide on ${input.item} (${input.entitlements.join(', ')})`;
        await engine.ledger.addTimeline(person.uuid, {
          kind: input.reminder ? 'ask.reminder' : `ask.${input.rung}`,
          text,
          run: thisRun().workflowId,
        });
        engine.log.info(
          { person: input.person, item: input.item, approvers, rung: input.rung, reminder: input.reminder },
          text,
        );
        return { approvers };
      }),
    recordDecision: (input) =>
      attempted(engine.log, async (attempt) => {
        const identity = await identityOf(deps.client, thisRun(), input.via);
        const person = await known(engine, input.person);
        if (input.refuse) {
          await engine.ledger.recordRefusal(person.uuid, {
            by: input.by,
            ...(identity && { identity }),
            what: `${input.decision} ${input.ask?.item ?? ''}`.trim(),
            why: `${input.refuse.code}: ${input.refuse.message}`,
          });
          return { accepted: false, ...input.refuse };
        }
        const { decision, by, reason, ask, item, until } = input;
        const key = `${thisRun().runId}/${'rule' in input.via ? `${ask?.item}#${ask?.demand}` : JSON.stringify(input.via)}`;
        const verdict = await decide(
          engine,
          {
            person,
            decision,
            by,
            reason,
            key,
            ...(ask && { ask }),
            ...(item !== undefined && { item }),
            ...(until !== undefined && { until }),
            ...(identity && { identity }),
            ...('rule' in input.via && { procedure: true }),
          },
          attempt,
        );
        return verdict.accepted
          ? { accepted: true, decision: verdict.decision.id, ...(identity && { identity }) }
          : verdict;
      }),
    compareDirectory: () =>
      attempted(engine.log, async (attempt) => {
        const pass = await comparePass(engine, attempt, (run) => isOpen(deps.client, run));
        const { started, alreadyOpen } = await startRuns(deps, pass.start, attempt);
        return {
          people: pass.people,
          changed: pass.changed,
          started,
          alreadyOpen,
          problems: pass.problems,
          ...(pass.hold && { hold: pass.hold }),
        };
      }),
  };
}

async function resolvePerson(deps: ActivityDeps, input: ResolveInput, attempt: Attempt): Promise<ResolveResult> {
  const { engine } = deps;
  const run = thisRun();
  let resolution = await resolve(engine, input.person, run, attempt);
  const { person } = resolution;
  let decisions: readonly Decision[] | undefined;
  if (input.claim) {
    const claim = await engine.ledger.claim(person.uuid, { ...run, type: input.claim }, input.replace);
    if (!claim.claimed) return { handOver: claim.by };
    decisions = claim.decisions;
  }
  if (input.depart) {
    const { by, reason, urgent, lastDay } = input.depart;
    const identity = await identityOf(deps.client, run, 'start');
    await recordDeparture(
      engine,
      person,
      {
        by: by ?? identity ?? 'unknown',
        ...(identity && { identity }),
        reason: reason ?? 'none given',
        urgent: urgent ?? false,
        ...(lastDay && { lastDay }),
      },
      run.runId,
    );
  }
  const ended = endedByReenable(engine.directory.system, resolution, attempt.now);
  for (const over of ended) {
    await engine.ledger.decide(
      person.uuid,
      {
        kind: 'withdraw',
        by: 'tenure',
        reason: 'the directory shows the account enabled again',
        ends: over.id,
      },
      `reenabled/${over.id}`,
    );
  }
  if (input.depart) resolution = await resolve(engine, person.who, run, attempt);
  if (!decisions || input.depart || ended.length > 0) decisions = await engine.ledger.decisions(person.uuid);
  // Read after the claim and after the departure: whoever claims later than this sees both.
  const open = input.claim === 'offboarding' ? await engine.ledger.openRuns(person.uuid) : [];
  const others = open.filter((r) => r.runId !== run.runId);
  return describeResolution(deps, resolution, decisions, others, attempt);
}

function describeResolution(
  deps: ActivityDeps,
  resolution: Resolution,
  decisions: readonly Decision[],
  others: RunName[],
  attempt: Attempt,
): Resolved {
  const { engine } = deps;
  const { person, desired } = resolution;
  const departures = inForce(decisions, attempt.now).filter((d) => d.kind === 'depart');
  const effective = departures.filter((d) => !d.effectiveAt || d.effectiveAt <= attempt.now);
  const leaver = desired.standing === 'leaver' || effective.length > 0;
  const planned = departures
    .map((d) => d.effectiveAt)
    .filter((at) => at !== undefined)
    .sort()[0];
  const why = desired.standing === 'leaver' ? desired.why : effective[0] && `Departure recorded by ${effective[0].by}`;
  const graces = new Set(
    Object.values(desired.targets)
      .flatMap((t) => t.entitlements.map((e) => e.until))
      .filter((u) => u !== undefined && u > attempt.now),
  );
  const startsAt = Object.values(desired.targets)
    .map((t) => t.notBefore)
    .find((at) => at !== undefined && at > attempt.now);
  return {
    person: person.who,
    uuid: person.uuid,
    number: desired.number,
    decisionVersion: Math.max(0, ...decisions.map((d) => d.version)),
    standing: leaver ? 'leaver' : desired.standing,
    ...(why && { why }),
    urgent: effective.some((d) => d.urgent),
    targets: Object.keys(engine.targets).map((target) => ({
      target,
      summary: summary(resolution, target, decisions, attempt.now),
    })),
    ...(startsAt && !leaver && { startsAt }),
    ...(planned && !leaver && { leavesAt: planned }),
    graces: leaver ? [] : [...graces].filter((g) => g !== undefined).sort(),
    deletions: Object.keys(engine.targets)
      .map((target) => deleteAt(engine, target, desired))
      .filter((at): at is string => at !== undefined && at > attempt.now)
      .sort(),
    recheckMs: engine.settings.recheckMs,
    others,
    asks: leaver ? [] : openAsks(desired, decisions, resolution.noted.heldUntil, attempt.now).map(askOf),
    problems: [...resolution.problems],
    ...(deps.messenger && { notices: { ...(person.manager && { manager: person.manager }) } }),
  };
}

function askOf({ grant, entitlements, targets }: ReturnType<typeof openAsks>[number]): Ask {
  const { approval } = grant;
  return {
    item: grant.rule,
    demand: grant.demand,
    digest: grant.digest,
    entitlements,
    targets,
    group: approval?.group ?? '',
    withinMs: approval?.withinMs ?? 0,
    remindMs: approval?.remindMs ?? 0,
    escalates: approval?.otherwise !== undefined,
  };
}

/** `account, Marketing, Editor`: what is due there, short enough for a timeline. */
function summary(
  { desired, noted: { heldUntil } }: Resolution,
  target: string,
  decisions: Parameters<typeof openAsks>[1],
  now: string,
): string {
  const due: Due = dueNow({ desired: desired.targets[target], all: desired, target, decisions, heldUntil, now });
  const names = due.entitlements.map((key) => key.slice(key.indexOf('/') + 1));
  const account = { present: ['account'], disabled: ['disable, strip access'], absent: ['deleted'], untouched: [] }[
    due.account
  ];
  return [...account, ...names].join(', ').slice(0, 150) || 'nothing due';
}

async function known(engine: EngineDeps, who: string): Promise<PersonRef> {
  const person = await engine.ledger.personByWho(who);
  if (!person) throw new EngineError('UNKNOWN_PERSON', `The ledger does not know ${who}.`, { retryable: false });
  return person;
}

/** The run that this activity belongs to. */
function thisRun(): RunName {
  const { workflowExecution, workflowType } = Context.current().info;
  return {
    workflowId: workflowExecution?.workflowId ?? '',
    runId: workflowExecution?.runId ?? '',
    type: workflowType ?? '',
  };
}
