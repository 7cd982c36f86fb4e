import { SYSTEMS, type Seen, type System } from './witness.ts';

type Check = { who: string; moment: string; system: string; held: boolean; expected: string; seen: string };

/** What was claimed and what was seen, compared and shown. */
export class Checks {
  private readonly all: Check[] = [];

  same(who: string, moment: string, what: string, seen: string, expected: string): void {
    this.all.push({ who, moment, system: what, held: seen === expected, seen, expected });
  }

  /** One line for each system of `expected`, in the order of the systems; the same facts in any order hold. */
  everywhere(who: string, moment: string, seen: Seen, expected: Partial<Record<System, readonly string[]>>): void {
    for (const system of SYSTEMS) {
      const claimed = expected[system];
      if (claimed === undefined) continue;
      const held = seen[system].toSorted().join('\n') === claimed.toSorted().join('\n');
      this.all.push({ who, moment, system, held, seen: seen[system].join('; '), expected: claimed.join('; ') });
    }
  }

  held(): boolean {
    return this.all.length > 0 && this.all.every((check) => check.held);
  }

  /** What each system itself says of each person, and whether that is what it should. */
  table(): string {
    const rows = this.all.map(({ who, moment, system, held, seen, expected }, i) => {
      const before = this.all[i - 1];
      const same = before?.who === who && before.moment === moment;
      return [
        held ? 'held' : 'BROKEN',
        same ? '' : who,
        same ? '' : moment,
        system,
        held ? seen : `${seen} (expected ${expected})`,
      ];
    });
    const head = ['check', 'who', 'when', 'system', 'what it says'];
    const widths = head.map((h, i) => Math.max(h.length, ...rows.map((r) => r[i]?.length ?? 0)));
    const line = (cells: readonly string[]): string =>
      cells
        .map((c, i) => (i === cells.length - 1 ? c : c.padEnd(widths[i] ?? 0)))
        .join('  ')
        .trimEnd();
    return [line(head), ...rows.map(line)].join('\n');
  }
}
