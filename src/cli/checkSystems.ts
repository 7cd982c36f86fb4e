import type { SystemConfig } from '../config/types.ts';
import type { ManagedTarget } from '../provisioning/engine.ts';
import type { Directory, ProbeResult } from '../systems/port.ts';
import type { Settings } from '../workers/settings.ts';
import type { Systems } from '../workers/systems.ts';
import { check, PROBE_MS, type Check, type Configured } from './checks.ts';

/** Each configured system: what the configuration says, what works, and what our credentials cannot do there. One line of `doctor` each. */
export function checkSystems({ config }: Settings, { targets, directory }: Systems): Promise<Check>[] {
  return Object.entries(config.systems).flatMap(([name, block]) => {
    const target = targets[name];
    const people = directory.system === name ? directory : undefined;
    return target || people ? [checkSystem(name, block, target, people)] : [];
  });
}

async function checkSystem(
  name: string,
  block: SystemConfig,
  managed: ManagedTarget | undefined,
  directory: Directory | undefined,
): Promise<Check> {
  const call = { signal: AbortSignal.timeout(PROBE_MS) };
  const found = await (managed?.target ?? directory)?.probe(call);
  if (!found) throw new Error(`Nothing of ${name} can be asked.`);
  const configured = configuredOf(block, managed);
  const { version, clockSkewMs, capabilities } = found;
  return check(name, problemsOf(found), {
    details: [...sentences(configured, directory !== undefined), ...can(capabilities)],
    capabilities,
    configured,
    ...(version === undefined ? {} : { version }),
    ...(clockSkewMs === undefined ? {} : { clockSkewMs }),
  });
}

function problemsOf({ problems, reachable, credentials }: ProbeResult): readonly string[] {
  if (problems.length > 0 || (reachable && credentials)) return problems;
  return [reachable ? 'Its credentials are refused.' : 'It cannot be reached.'];
}

function configuredOf({ limits, profile = {} }: SystemConfig, managed: ManagedTarget | undefined): Configured {
  return {
    ...(managed && { mode: managed.mode }),
    kinds: Object.keys(managed?.target.describe().kinds ?? {}),
    profile,
    limits,
    ...(managed?.deleteAfterDays !== undefined && { deleteAfterDays: managed.deleteAfterDays }),
  };
}

const MODES = {
  observe: 'mode observe: reports, changes nothing',
  adopt: 'mode adopt: links accounts, changes nothing else',
  enforce: 'mode enforce',
};

/** What the configuration says, in words. */
function sentences({ mode, kinds, profile, limits, deleteAfterDays }: Configured, isDirectory: boolean): string[] {
  const { concurrent, perSecond, requestMs } = limits;
  const pace = `at most ${concurrent} at once, ${perSecond} a second, ${requestMs / 1000} s each`;
  const attributes = Object.entries(profile).map(([attribute, source]) => `${attribute} from ${source}`);
  return [
    ...(isDirectory ? ['people are read from it'] : []),
    ...(mode === undefined ? [] : [MODES[mode]]),
    `requests: ${pace}`,
    ...(kinds.length > 0 ? [`grants and takes away: ${kinds.join(', ')}`] : []),
    ...(attributes.length > 0 ? [`accounts: ${attributes.join(', ')}`] : []),
    ...(deleteAfterDays === undefined ? [] : [`accounts of leavers are deleted after ${deleteAfterDays} days`]),
  ];
}

function can(capabilities: ProbeResult['capabilities']): string[] {
  const named = (wanted: boolean): string =>
    Object.entries(capabilities)
      .flatMap(([capability, present]) => (present === wanted ? [capability] : []))
      .join(', ');
  const [works, lacks] = [named(true), named(false)];
  return [...(works === '' ? [] : [`works: ${works}`]), ...(lacks === '' ? [] : [`without: ${lacks}`])];
}
