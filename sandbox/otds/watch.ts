import type { Context, Write } from '../common/types.ts';
import { auditWrite } from './audit.ts';
import type { OtdsState } from './model.ts';

/** What a piece of work changed, for the audit and for the push. */
export type Watched = {
  ctx: Context<OtdsState>;
  /** Users and groups that were written to, by uuid. */
  touched: Set<string>;
  /** Whether anything happened that can change what a receiver should have. */
  relevant(): boolean;
};

const RELEVANT = new Set([
  'user', 'group', 'membership', 'role', 'roleMembership', 'accessRole', 'accessRoleMember', 'resource', 'orgUnit',
]); // prettier-ignore

function touchedBy({ object, id }: Write): string | null {
  if (object === 'user' || object === 'group') return id;
  return object === 'membership' ? (id.split('/')[0] ?? null) : null;
}

/** The context with an eye on its writes. */
export function watch(ctx: Context<OtdsState>): Watched {
  const touched = new Set<string>();
  let [by, relevant] = ['anonymous', false];
  const watched: Context<OtdsState> = {
    ...ctx,
    caller: (name) => {
      by = name;
      ctx.caller(name);
    },
    write: (w) => {
      ctx.write(w);
      relevant ||= RELEVANT.has(w.object);
      const uuid = touchedBy(w);
      if (uuid !== null) touched.add(uuid);
      auditWrite(ctx, w, by);
    },
  };
  return { ctx: watched, touched, relevant: () => relevant };
}
