import type { Reply } from '../../common/types.ts';
import { CHOSEN } from '../chosen.ts';
import { idOf } from '../ids.ts';
import type { Call } from '../kit.ts';
import { ApiRefusal, notFound, param } from '../kit.ts';
import { csv, inRange, page, sorted } from '../paging.ts';
import type { Route } from '../router.ts';
import { needPermission } from '../rules/access.ts';
import type { HistoryEntry } from '../parts.ts';
import type { User } from '../state.ts';

/** Calls of one user on one day, or in one month. */
type Usage = { id: string; date: string; count: number; user_id: string };

/** `from_date` and `to_date`, both included; either may be missing. */
function asked(call: Call): (date: string) => boolean {
  const [from, to] = ['from_date', 'to_date'].map((name) => {
    const value = call.req.query.get(name)?.trim() ?? '';
    if (value !== '' && Number.isNaN(Date.parse(value))) throw new ApiRefusal(400, { [name]: 'Not a valid date.' });
    return value.slice(0, 10);
  });
  const range = `${from || '*'};${to || '*'}`;
  return (date) => inRange(range, date);
}

/** The audit by REST: aggregates only (contract section 9). */
function audit(call: Call): Reply {
  const period = param(call, 'period');
  if (!['month', 'day', 'day_detailed'].includes(period)) throw notFound('Period');
  const usages = period === 'month' ? byMonth(used(call)) : used(call);
  call.ctx.chosen('auditType');
  const shown = usages.sort((a, b) => (a.date + a.user_id < b.date + b.user_id ? -1 : 1));
  return page(call, shown, (usage) => (period === 'day_detailed' ? detailed(call, usage) : aggregate(call, usage)));
}

function used(call: Call): Usage[] {
  const within = asked(call);
  return Object.entries(call.state.activity).flatMap(([key, count]) => {
    const [date = '', user_id = ''] = key.split('/');
    return within(date) ? [{ id: idOf('usage', key), date, count, user_id }] : [];
  });
}

function byMonth(days: Usage[]): Usage[] {
  const months = new Map<string, Usage>();
  for (const { date, count, user_id } of days) {
    const key = `${date.slice(0, 7)}-01/${user_id}`;
    const sum = months.get(key) ?? { id: idOf('usage', key), date: `${date.slice(0, 7)}-01`, count: 0, user_id };
    months.set(key, { ...sum, count: sum.count + count });
  }
  return [...months.values()];
}

function typeOf(call: Call, user: User | undefined): string {
  return CHOSEN.value(call.state, 'auditType') === 'API' ? 'API' : (user?.type ?? 'STANDARD');
}

function detailed(call: Call, { date, user_id }: Usage): object {
  const type = typeOf(call, call.state.users[user_id]);
  return { date, type, user_id, system_domain_id: call.state.domain.id };
}

function aggregate(call: Call, usage: Usage): object {
  const user = call.state.users[usage.user_id];
  const user_name = [user?.first_name, user?.last_name].filter((part) => part).join(' ');
  return { ...usage, ...detailed(call, usage), user_email: user?.email ?? null, user_name };
}

/** Who takes a licence now, told of the present month. */
function licensed(call: Call): Reply {
  const activeOnly = CHOSEN.use(call.ctx, 'licensedUsers') === 'active';
  const date = `${call.ctx.now().toISOString().slice(0, 7)}-01`;
  const users = asked(call)(date)
    ? Object.values(call.state.users).filter(
        (user) => user.status === 'ACTIVE' || (!activeOnly && user.status !== 'DELETED'),
      )
    : [];
  return page(
    call,
    sorted(call, users, () => undefined),
    (user) => {
      return aggregate(call, { id: idOf('licence', `${date}/${user.id}`), date, count: 1, user_id: user.id });
    },
  );
}

function history(call: Call): Reply {
  const id = param(call, 'id');
  const asset = call.state.things[id];
  if (asset?.object_type !== 'assets') throw notFound('Asset');
  needPermission(call, 'read', 'assets', id);
  const wanted = csv(call, 'filter')?.map((one) => one.toUpperCase());
  const entries = call.state.history[id] ?? [];
  const found = entries.filter((entry) => !wanted || wanted.includes(entry.operation_type));
  return page(call, sorted(call, found, sortField), (entry) => ({ ...entry, system_domain_id: call.state.domain.id }));
}

function sortField(entry: HistoryEntry, name: string): string | null | undefined {
  return name === 'operation_type' || name === 'user_id' || name === 'date_modified' ? entry[name] : undefined;
}

const U = '/API/stats/v1/user';

export const statisticsRoutes: Route[] = [
  { method: 'GET', path: `${U}/audit/by/{period}`, role: 'can_read_stats', handler: audit },
  { method: 'GET', path: `${U}/licensed/by`, role: 'can_read_stats', handler: licensed },
  {
    method: 'GET',
    path: '/API/assets/v1/assets/{id}/history',
    role: 'can_read_assets_history',
    handler: history,
  },
];
