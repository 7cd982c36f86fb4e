/** Many pairs of one target in one statement: for the sweep and for reconciliation. Each pair is under the very same rules. */
export const BULK = `
-- Rule 7 for a page: every lease that is free, each under its own new fence. In the order of the persons, so that two pages never wait for each other.
create function tenure_rules.acquire_page(t text, persons text[], its_holder text, ttl interval, lag interval) returns jsonb language sql as $$
  select coalesce(jsonb_agg(tenure_rules.acquire(u.p, t, its_holder, ttl, lag) || jsonb_build_object('person', u.p)), '[]')
  from (select p from unnest(persons) p order by p) u
$$;

-- Rule 7: renewal of a page compares holder and fence of each; what is not among the answers is lost.
create function tenure_rules.renew_page(t text, leases jsonb, its_holder text, ttl interval) returns text[] language sql as $$
  with mine as (select x.person, x.fence from jsonb_to_recordset(leases) as x(person text, fence bigint)),
  held as (
    select l.key, mine.person from tenure.lease l join mine on l.key = tenure_rules.pair_key(mine.person, t) and l.fence = mine.fence
     where l.holder = its_holder and l.expires_at > clock_timestamp() order by l.key for no key update of l),
  renewed as (update tenure.lease l set expires_at = clock_timestamp() + ttl from held where l.key = held.key returning held.person)
  select coalesce(array_agg(renewed.person), '{}') from renewed
$$;

-- Whose an account may be that is linked to nobody: everybody who has no account there and one of the same natural keys.
create function tenure_rules.may_own(t text, account jsonb) returns jsonb language sql stable as $$
  select coalesce(jsonb_agg(distinct c.uuid), '[]') from (
      select q.uuid from tenure.person q where q.uuid = account ->> 'id'
      union select q.uuid from tenure.person q where lower(q.who) = account ->> 'login'
      union select d.person from tenure.desired d join tenure.person q on q.uuid = d.person and q.newest = d.number
             where lower(btrim(d.body #>> '{person,fields,email}')) = account ->> 'email'
    ) c where not exists (select 1 from tenure.link l where l.person = c.uuid and l.target = t)
$$;

-- Whose the accounts of a page are: of the person each is linked to; else of everybody who may own it. By native id.
create function tenure_rules.owners(t text, accounts jsonb) returns jsonb language sql stable as $$
  select coalesce(jsonb_object_agg(a ->> 'nativeId', jsonb_build_object(
      'linked', l.person is not null,
      'people', case when l.person is not null then jsonb_build_array(l.person) else tenure_rules.may_own(t, a) end)), '{}')
  from jsonb_array_elements(accounts) a left join tenure.link l on l.target = t and l.native_id = a ->> 'nativeId'
$$;

-- People whose newest desired names the target, a page of uuids after one.
create function tenure_rules.people_after(t text, after text, size integer) returns text[] language sql stable as $$
  select coalesce(array_agg(u.uuid order by u.uuid), '{}')
  from (select q.uuid from tenure.person q join tenure.desired d on d.person = q.uuid and d.number = q.newest
         where q.uuid > after and d.body -> 'targets' ? t order by q.uuid limit size) u
$$;

-- What pair_state says, for a page of people; nobody's lease is taken. Of most people there are no decisions, no ends and no doubt: one look at each
-- table for the whole page tells whose are worth working out. A row each, and what is desired by itself: to build it into larger JSON costs five times
-- as much as to read it.
create function tenure_rules.people_named(t text, persons text[], lag interval)
returns table (person text, who text, desired jsonb, state jsonb) language sql stable as $$
  with decided as (select distinct d.person from tenure.decision d where d.person = any (persons)),
  ended as (
    select o.person from tenure.obligation o where o.person = any (persons) and o.subject <> 'account'
    union select c.person from tenure.change c where c.person = any (persons) and c.op = 'revoke'),
  doubtful as (
    select c.person from tenure.change c where c.person = any (persons) and c.target = t and c.settled_at is null
    union select c.person from tenure.change c where c.person = any (persons) and c.target = t and c.settled_at >= statement_timestamp() - lag
    union select p.person from tenure.pair p where p.person = any (persons) and p.target = t and p.disturbed_at is not null)
  select q.uuid, q.who, case when d.body -> 'targets' ? t then d.body end, jsonb_build_object(
      'number', q.newest,
      'decisions', case when q.uuid in (select x.person from decided x) then tenure_rules.decisions(q.uuid) else '[]' end,
      'decisionVersion', q.decision_version,
      'link', case when l.person is not null then jsonb_build_object('nativeId', l.native_id, 'how', l.how, 'by', l.by) end,
      'heldUntil', case when q.uuid in (select x.person from ended x) then tenure_rules.held_until(q.uuid) else '{}' end,
      'ledgerNow', tenure_rules.iso(statement_timestamp()),
      'doubtUntil', case when q.uuid in (select x.person from doubtful x) then tenure_rules.iso(tenure_rules.doubt(q.uuid, t, 0, statement_timestamp(), lag)) end)
  from tenure.person q
    left join tenure.desired d on d.person = q.uuid and d.number = q.newest
    left join tenure.link l on l.person = q.uuid and l.target = t
   where q.uuid = any (persons) order by q.uuid
$$;

-- Every entitlement that any newest desired names on the target.
create function tenure_rules.desired_keys(t text) returns text[] language sql stable as $$
  select coalesce(array_agg(distinct e ->> 'key'), '{}') from tenure.person q
    join tenure.desired d on d.person = q.uuid and d.number = q.newest, jsonb_array_elements(d.body #> array['targets', t, 'entitlements']) e
$$;
`;
