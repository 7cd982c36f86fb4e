/** Rules 4 and 7: one writer per pair, or per object that people share, each time under a new fencing number. */
export const LEASE = `
-- Rule 7. Takes the lease when it is free, expired or the holder's own; a new fence every time. Null: somebody else's.
-- clock_timestamp(), not now(): what counts is the moment after the wait for the row.
create function tenure_rules.take(its_key text, its_holder text, ttl interval) returns tenure.lease language sql as $$
  insert into tenure.lease as l (key, holder, fence, expires_at) values (its_key, its_holder, 1, clock_timestamp() + ttl)
  on conflict (key) do update set holder = excluded.holder, fence = l.fence + 1, expires_at = clock_timestamp() + ttl
    where l.holder is null or l.expires_at <= clock_timestamp() or l.holder = excluded.holder
  returning l.*
$$;

-- Lease and state in one round trip. Picking a pair up clears nothing (rule 3).
create function tenure_rules.acquire(p text, t text, its_holder text, ttl interval, lag interval) returns jsonb language plpgsql as $$
declare
  taken tenure.lease;
  other tenure.lease;
begin
  taken := tenure_rules.take(tenure_rules.pair_key(p, t), its_holder, ttl);
  if taken.key is null then
    select * into other from tenure.lease l where l.key = tenure_rules.pair_key(p, t);
    return jsonb_build_object('ok', false, 'holder', coalesce(other.holder, 'just released'), 'expiresAt', tenure_rules.iso(other.expires_at));
  end if;
  insert into tenure.pair (person, target) values (p, t) on conflict do nothing;
  return jsonb_build_object('ok', true,
    'lease', jsonb_build_object('person', p, 'target', t, 'holder', taken.holder, 'fence', taken.fence, 'expiresAt', tenure_rules.iso(taken.expires_at)),
    'state', tenure_rules.pair_state(p, t, taken.fence, lag));
end $$;

-- Rule 4: is this lease live under this very fence? Holds the row until the end of the transaction, so nobody takes it over in between.
create function tenure_rules.is_held(its_key text, its_holder text, f bigint) returns boolean language plpgsql as $$
begin
  perform 1 from tenure.lease l where l.key = its_key and l.holder = its_holder and l.fence = f for no key update;
  return exists (select 1 from tenure.lease l where l.key = its_key and l.holder = its_holder and l.fence = f and l.expires_at > clock_timestamp());
end $$;

create function tenure_rules.reread(p text, t text, its_holder text, f bigint, lag interval) returns jsonb language plpgsql as $$
begin
  if not tenure_rules.is_held(tenure_rules.pair_key(p, t), its_holder, f) then return null; end if;
  return tenure_rules.pair_state(p, t, f, lag);
end $$;

-- Rule 7: renewal compares holder and fence; what has expired is lost.
create function tenure_rules.renew(its_key text, its_holder text, f bigint, ttl interval) returns boolean language plpgsql as $$
begin
  update tenure.lease l set expires_at = clock_timestamp() + ttl
   where l.key = its_key and l.holder = its_holder and l.fence = f and l.expires_at > clock_timestamp();
  return found;
end $$;

-- Rule 7: so does release. The row stays: it carries the fence on.
create function tenure_rules.release(its_key text, its_holder text, f bigint) returns void language sql as $$
  update tenure.lease l set holder = null, expires_at = clock_timestamp() where l.key = its_key and l.holder = its_holder and l.fence = f
$$;

create function tenure_rules.fail(p text, t text, its_code text, its_message text, first_wait interval, longest_wait interval) returns void language sql as $$
  insert into tenure.failure (person, target, code, message) values (p, t, its_code, its_message);
  update tenure.pair q set last_error = its_code || ': ' || its_message, last_error_at = clock_timestamp(), tries = q.tries + 1,
    next_try_at = clock_timestamp() + least(first_wait * power(2, least(q.tries, 16)), longest_wait)
  where q.person = p and q.target = t;
$$;

-- The attempt ends without a proof: what it knows of its changes, why it failed, the lease.
create function tenure_rules.give_up(lease jsonb, settled jsonb, failure jsonb, first_wait interval, longest_wait interval) returns void language plpgsql as $$
declare
  p text := lease ->> 'person';
  t text := lease ->> 'target';
  f bigint := lease ->> 'fence';
begin
  perform tenure_rules.release(tenure_rules.pair_key(p, t), lease ->> 'holder', f); -- lock order: lease, then pair
  perform tenure_rules.settle(p, t, f, settled);
  if failure ->> 'code' is not null then
    perform tenure_rules.fail(p, t, failure ->> 'code', failure ->> 'message', first_wait, longest_wait);
  end if;
end $$;
`;
