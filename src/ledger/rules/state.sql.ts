/** What is read under several rules: times as sortable text, doubt about a pair, its state under a lease. */
export const STATE = `
-- UTC with microseconds, so that instants sort as text and lose nothing on the way.
create function tenure_rules.iso(t timestamptz) returns text language sql stable as $$
  select to_char(t at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
$$;

create function tenure_rules.ms(n numeric) returns interval language sql immutable as $$
  select n * interval '1 millisecond'
$$;

create function tenure_rules.pair_key(p text, t text) returns text language sql immutable as $$
  select 'pair:' || p || '/' || t
$$;

create function tenure_rules.decisions(p text) returns jsonb language sql stable as $$
  select coalesce(jsonb_agg(d.body || jsonb_strip_nulls(jsonb_build_object(
      'id', d.id, 'version', d.version, 'at', tenure_rules.iso(d.decided_at),
      'effectiveAt', tenure_rules.iso(d.effective_at), 'endsAt', tenure_rules.iso(d.ends_at))) order by d.version), '[]')
  from tenure.decision d where d.person = p
$$;

create function tenure_rules.desired(p text, n integer) returns jsonb language sql stable as $$
  select d.body || jsonb_build_object('number', d.number) from tenure.desired d where d.person = p and d.number = n
$$;

-- Latest end of each entitlement once held and since revoked, over all targets: for conflicts over time windows.
create function tenure_rules.held_until(p text) returns jsonb language sql stable as $$
  select coalesce(jsonb_object_agg(ended.subject, tenure_rules.iso(ended.at)), '{}') from (
    select subject, max(at) as at from (
      select subject, closed_at as at from tenure.obligation where person = p and outcome = 'revoked' and subject <> 'account'
      union all
      select subject, settled_at from tenure.change where person = p and op = 'revoke' and outcome in ('applied', 'seen')
      union all
      -- Dropped and not yet revoked is still held: the other side of a conflict must not come before it is gone.
      select subject, clock_timestamp() from tenure.obligation where person = p and outcome is null and subject <> 'account'
    ) each_end group by subject) ended
$$;

-- Rule 5. Until when a read that began at 'began' proves nothing for the attempt with fence f; null: no doubt.
-- Counted: every open intent (of others, and of this attempt with an unknown outcome) until it cannot land any more; what others settled, from the
-- moment they said so; signs of late attempts. The target's read lag comes on top of each.
create function tenure_rules.doubt(p text, t text, f bigint, began timestamptz, lag interval) returns timestamptz language sql stable as $$
  select max(reason.until) from (
    select c.may_land_until + lag as until from tenure.change c where c.person = p and c.target = t and c.settled_at is null
    union all
    select c.settled_at + lag from tenure.change c
     where c.person = p and c.target = t and c.fence <> f and c.outcome in ('applied', 'seen') and c.settled_at >= began - lag
    union all
    select q.disturbed_at + lag from tenure.pair q where q.person = p and q.target = t
  ) reason where reason.until >= began
$$;

-- The last change on each subject that the target said it made, while a read may not show it yet. Without a read lag there is none.
create function tenure_rules.landed(p text, t text, began timestamptz, lag interval) returns jsonb language sql stable as $$
  select coalesce(jsonb_agg(c.change), '[]') from (
    select distinct on (c.subject) c.* from tenure.change c
     where lag > interval '0' and c.person = p and c.target = t and c.outcome in ('applied', 'seen') order by c.subject, c.id desc) c
  where c.settled_at + lag >= began
$$;

-- State of a pair as its lease holder sees it, in one snapshot. ledgerNow lies before any read of the target that follows.
create function tenure_rules.pair_state(p text, t text, f bigint, lag interval) returns jsonb language plpgsql as $$
declare began timestamptz := clock_timestamp();
begin
  return (select jsonb_build_object(
      'desired', (select tenure_rules.desired(p, q.newest) from tenure.desired d where d.person = p and d.number = q.newest and d.body -> 'targets' ? t),
      'number', q.newest,
      'decisions', tenure_rules.decisions(p),
      'decisionVersion', q.decision_version,
      'link', (select jsonb_build_object('nativeId', l.native_id, 'how', l.how, 'by', l.by) from tenure.link l where l.person = p and l.target = t),
      'heldUntil', tenure_rules.held_until(p),
      'ledgerNow', tenure_rules.iso(began),
      'doubtUntil', tenure_rules.iso(tenure_rules.doubt(p, t, f, began, lag)),
      'landed', tenure_rules.landed(p, t, began, lag))
    from tenure.person q where q.uuid = p);
end $$;
`;
