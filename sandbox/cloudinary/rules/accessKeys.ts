import type { Context } from '../../common/types.ts';
import { CHOSEN } from '../chosen.ts';
import { iso, newKey, newSecret } from '../ids.ts';
import { recordWrite } from '../kit.ts';
import type { AccessKey, Environment, State } from '../state.ts';

export function newAccessKey(
  ctx: Context<State>,
  env: Environment,
  o: { name: string; enabled: boolean; root: boolean },
): AccessKey {
  const at = iso(ctx.now());
  const key: AccessKey = {
    ...o,
    api_key: newKey(),
    api_secret: newSecret(),
    dedicated_for: [],
    env: env.id,
    created_at: at,
    updated_at: at,
  };
  ctx.state.keys[key.api_key] = key;
  recordWrite(ctx, 'accessKey', key.api_key, null, key);
  return key;
}

/** The key whose secret signs notifications: the dedicated one, else an enabled one (contract section 10.3). */
export function signingKey(ctx: Context<State>, env: string): AccessKey | undefined {
  const enabled = Object.values(ctx.state.keys)
    .filter((key) => key.env === env && key.enabled)
    .sort((a, b) => (a.created_at < b.created_at ? -1 : 1));
  const dedicated = enabled.find((key) => key.dedicated_for.includes('webhooks'));
  if (dedicated) return dedicated;
  return CHOSEN.value(ctx.state, 'signingKey') === 'newest enabled' ? enabled.at(-1) : enabled[0];
}
