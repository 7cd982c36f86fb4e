/** Rules 3, 5, 6, 8: what a full re-read proves, what it cannot yet, and what it closes. */
export const PROVE = `
create function tenure_rules.holds_directly(actual jsonb, subject text) returns boolean language sql immutable as $$
  select case when subject = 'account' then actual ->> 'account' = 'present'
    else exists (select 1 from jsonb_array_elements(actual -> 'held') h where h ->> 'key' = subject and h ->> 'how' = 'direct') end
$$;

-- Does a read show what a change of ours did? With a read lag it may not yet.
create function tenure_rules.shows(actual jsonb, op text, subject text) returns boolean language sql immutable as $$
  select case op
    when 'grant' then exists (select 1 from jsonb_array_elements(actual -> 'held') h where h ->> 'key' = subject)
    when 'revoke' then not tenure_rules.holds_directly(actual, subject)
    when 'disable' then actual ->> 'account' <> 'present'
    when 'delete' then actual ->> 'account' = 'absent'
    else actual ->> 'account' = 'present' end
$$;

-- Rule 5 for our own settled changes: the last one on each subject stands in the read, or the read lag has passed since.
create function tenure_rules.own_doubt(p text, t text, f bigint, actual jsonb, lag interval) returns timestamptz language sql stable as $$
  select max(c.settled_at) + lag from (
    select distinct on (c.subject) c.* from tenure.change c
     where c.person = p and c.target = t and c.fence = f and c.outcome in ('applied', 'seen') order by c.subject, c.id desc) c
  where lag > interval '0' and c.settled_at + lag >= clock_timestamp() and not tenure_rules.shows(actual, c.op, c.subject)
$$;

-- Was the subject there when the revocation was opened, or since? By the last valid proof before, and our changes after it; without one, by any trace.
create function tenure_rules.was_there(o tenure.obligation) returns boolean language plpgsql stable as $$
declare last_proof tenure.proof;
begin
  select * into last_proof from tenure.proof r where r.person = o.person and r.target = o.target and r.state = 'proved' and r.written_at < o.opened_at
    order by r.id desc limit 1;
  return exists (select 1 from tenure.change c where c.person = o.person and c.target = o.target and c.subject = o.subject
      and c.outcome is distinct from 'refused' and c.id > coalesce(last_proof.covers, 0))
    or case when last_proof.id is not null then tenure_rules.holds_directly(last_proof.actual, o.subject)
       else exists (select 1 from tenure.proof r where r.person = o.person and r.target = o.target and tenure_rules.holds_directly(r.actual, o.subject)) end;
end $$;

-- Rule 8: a valid proof of the newest desired closes everything older of the pair.
create function tenure_rules.close_obligations(p text, t text, n integer, actual jsonb, its_proof bigint) returns void language sql as $$
  update tenure.obligation o set closed_at = clock_timestamp(), proof = its_proof, outcome = case
      when tenure_rules.holds_directly(actual, o.subject) then case when wanted.again then 'overtaken' else 'leftAlone' end
      when not tenure_rules.was_there(o) then 'overtaken'
      when wanted.again and not exists (select 1 from tenure.change c where c.person = p and c.target = t and c.subject = o.subject
          and c.op in ('revoke', 'disable', 'delete') and c.outcome is distinct from 'refused' and c.number >= o.number)
        then 'overtaken'
      else 'revoked' end
  from (select u.subject, tenure_rules.wants((select d.body from tenure.desired d where d.person = p and d.number = n), t, u.subject) as again
          from tenure.obligation u where u.person = p and u.target = t and u.closed_at is null group by u.subject) wanted
  where o.person = p and o.target = t and o.closed_at is null and wanted.subject = o.subject
$$;

-- Rule 6: one transaction under the lease. Lock order: person, lease, pair.
create function tenure_rules.prove(i jsonb, first_wait interval, longest_wait interval) returns jsonb language plpgsql as $$
declare
  p text := i #>> '{lease,person}';
  t text := i #>> '{lease,target}';
  its_holder text := i #>> '{lease,holder}';
  f bigint := i #>> '{lease,fence}';
  k text := tenure_rules.pair_key(p, t);
  n integer := i ->> 'number';
  v integer := i ->> 'decisionVersion';
  began timestamptz := i ->> 'readBeganAt';
  lag interval := tenure_rules.ms((i ->> 'readLagMs')::numeric);
  still_open text[] := array(select jsonb_array_elements_text(i -> 'open'));
  person tenure.person;
  live boolean;
  its_state text;
  until timestamptz;
  written bigint;
begin
  select * into person from tenure.person q where q.uuid = p for share;
  live := tenure_rules.is_held(k, its_holder, f);
  perform 1 from tenure.pair q where q.person = p and q.target = t for no key update;
  perform tenure_rules.settle(p, t, f, i -> 'settle');
  if i ? 'link' then perform tenure_rules.save_link(p, t, i -> 'link'); end if;

  -- Moved on: nothing is written, the lease is kept; the pair is unproved already.
  if live and (person.newest <> n or person.decision_version <> v) then return jsonb_build_object('state', 'movedOn'); end if;
  until := greatest(tenure_rules.doubt(p, t, f, began, lag), tenure_rules.own_doubt(p, t, f, i -> 'actual', lag),
    case when (i ->> 'unshown')::boolean then clock_timestamp() + lag end);
  its_state := case when not live then 'late' when not (i ->> 'complete')::boolean then 'open' when until is not null then 'provisional' else 'proved' end;

  insert into tenure.proof (person, target, state, number, decision_version, fence, read_began_at, covers, actual, open, until)
    values (p, t, its_state, n, v, f, began, coalesce((select max(c.id) from tenure.change c where c.person = p and c.target = t), 0), i -> 'actual', still_open, until)
    returning id into written;
  if its_state = 'late' then
    perform tenure_rules.disturb(p, t);
    return jsonb_build_object('state', 'late');
  end if;

  if its_state = 'proved' then
    update tenure.change c set settled_at = clock_timestamp(), outcome = 'outlived' where c.person = p and c.target = t and c.settled_at is null;
    perform tenure_rules.close_obligations(p, t, n, i -> 'actual', written);
    update tenure.pair q set unproved = false, unproved_since = null, provisional_until = null, open = '{}', tries = 0, next_try_at = null,
        last_error = null, last_error_at = null,
        -- Rule 10: whatever the planner said, a decision's start or end is due work.
        due_at = least((i ->> 'dueAt')::timestamptz, tenure_rules.next_decision_time(p, began)),
        proved_number = n, proved_decision_version = v, proved_fence = f, proved_read_at = began, proved_at = clock_timestamp(), proved_account = i #>> '{actual,account}'
      where q.person = p and q.target = t;
  else
    update tenure.pair q set unproved_since = case when q.unproved then q.unproved_since else clock_timestamp() end, unproved = true,
        provisional_until = until, open = still_open,
        tries = case when its_state = 'open' then q.tries + 1 else q.tries end,
        next_try_at = case when its_state = 'open' then clock_timestamp() + least(first_wait * power(2, least(q.tries, 16)), longest_wait) end
      where q.person = p and q.target = t;
  end if;
  if (i ->> 'release')::boolean then perform tenure_rules.release(k, its_holder, f); end if;
  return jsonb_strip_nulls(jsonb_build_object('state', its_state, 'until', tenure_rules.iso(until)));
end $$;
`;
