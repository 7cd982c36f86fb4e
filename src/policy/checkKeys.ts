import { parseEntitlement, restOf } from '../domain/entitlement.ts';
import { suggest } from '../config/suggest.ts';
import type { Path, Place } from '../config/yamlFile.ts';
import { knownSystems } from '../systems/all.ts';
import type { Catalogue } from './systems.ts';

export type Report = (place: Place, message: string, suggestion?: string) => void;

/** Checks a pattern of `managed`, `protected` or `conflicts`. */
export function checkPattern(pattern: string, path: Path, catalogue: Catalogue, report: Report): boolean {
  return checkKey(pattern, !pattern.includes('*'), { path }, catalogue, report);
}

/**
 * Checks form, system, kind, level and scope of a key or pattern and, for `exact` ones, that a thing of that name exists where the catalogue
 * knows. False when something was reported.
 */
export function checkKey(key: string, exact: boolean, place: Place, catalogue: Catalogue, report: Report): boolean {
  const systems = catalogue.systems ?? knownSystems;
  const parts = parseEntitlement(key);
  if (!parts) {
    report(place, `"${key}" must read <system>:<kind>/<name>[#<level>][@<scope>], for instance iconik:team/Marketing.`);
    return false;
  }
  const system = systems[parts.system];
  if (!system) {
    const meant = suggest(parts.system, Object.keys(systems));
    report(
      place,
      `There is no system "${parts.system}"; known: ${Object.keys(systems).join(', ')}.`,
      meant && key.replace(parts.system, meant),
    );
    return false;
  }
  const kind = system.kinds[parts.kind];
  if (!kind) {
    const kinds = Object.keys(system.kinds);
    const meant = suggest(parts.kind, kinds);
    report(
      place,
      `${parts.system} has no "${parts.kind}"; known: ${kinds.join(', ')}.`,
      meant && `${parts.system}:${meant}/${restOf(key)}`,
    );
    return false;
  }
  const open = parts.name.endsWith('*') && !exact;
  if (kind.scoped && parts.scope === undefined) {
    const meant = (catalogue.groups ?? []).find((group) => group.startsWith(`${parts.name}@`));
    report(place, `"${key}" must name its partition: ${key}@staff.`, meant && `${parts.system}:${parts.kind}/${meant}`);
    return false;
  }
  if (kind.levels && !open) {
    const levels = kind.levels;
    const given = parts.level ?? /#(.*)$/.exec(key)?.[1];
    if (given === undefined || (given !== '*' && given !== '**' && !levels.includes(given))) {
      report(
        place,
        `"${key}" must end with its level: ${levels.map((level) => `#${level}`).join(', ')}.`,
        suggest(given ?? '', levels),
      );
      return false;
    }
  }
  return !exact || exists(key, parts, place, catalogue, report);
}

function exists(
  key: string,
  parts: { system: string; kind: string },
  place: Place,
  catalogue: Catalogue,
  report: Report,
): boolean {
  const type = `${parts.system}:${parts.kind}`;
  const names = type === 'otds:group' ? (catalogue.groups ?? catalogue.names?.[type]) : catalogue.names?.[type];
  const known = (catalogue.systems ?? knownSystems)[parts.system]?.kinds[parts.kind];
  const name = known?.levels ? restOf(key).replace(/#[^#]*$/, '') : restOf(key);
  if (!names || names.includes(name)) return true;
  const meant = suggest(name, names);
  report(place, `There is no ${parts.kind} "${name}" in ${parts.system}.`, meant && key.replace(name, () => meant));
  return false;
}
