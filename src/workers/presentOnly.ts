import { systemOf } from '../domain/entitlement.ts';
import type { Logger } from '../log.ts';
import type { EngineDeps, PolicyInForce } from '../provisioning/engine.ts';

/**
 * The policy without what it says of systems that are not there (no block in the configuration, or left out by TENURE_SYSTEMS): nobody serves
 * their queues, so a run would wait for them for ever. `systems`: those that are. Each such system is told once in the log.
 */
export function presentOnly(
  policy: EngineDeps['policy'],
  systems: ReadonlySet<string>,
  log: Pick<Logger, 'warn'>,
): EngineDeps['policy'] {
  const told = new Set<string>();
  const tell = (absent: readonly string[]): void => {
    const news = absent.filter((system) => !told.has(system));
    if (news.length === 0) return;
    for (const system of news) told.add(system);
    log.warn(
      { systems: news },
      'The policy speaks of systems that this Tenure works without; what it grants there is left out.',
    );
  };
  const present = (system: string): boolean => systems.has(system);
  return () => {
    const inForce = policy();
    return { ...inForce, evaluate: (person) => narrowed(inForce.evaluate(person), present, tell) };
  };
}

type Said = ReturnType<PolicyInForce['evaluate']>;

function narrowed(said: Said, present: (system: string) => boolean, tell: (absent: readonly string[]) => void): Said {
  const { systems, grants, accounts } = said.wanted;
  tell(systems.filter((system) => !present(system)));
  const wanted = {
    ...said.wanted,
    systems: systems.filter(present),
    grants: grants.filter(({ key }) => present(systemOf(key))),
    accounts: Object.fromEntries(Object.entries(accounts).filter(([system]) => present(system))),
  };
  return { ...said, wanted };
}
