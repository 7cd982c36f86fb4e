type Check = { act: string; what: string; expected: string; seen: string };

/** What was claimed and what was seen, compared and shown. */
export class Checks {
  private readonly all: Check[] = [];

  same(act: string, what: string, seen: unknown, expected: unknown): void {
    this.all.push({ act, what, seen: show(seen), expected: show(expected) });
  }

  held(): boolean {
    return this.all.length > 0 && this.all.every((c) => c.seen === c.expected);
  }

  /** One line per check: what was done and proved, read from the systems themselves. */
  table(): string {
    const rows = this.all.map((c) => [
      c.seen === c.expected ? 'held' : 'BROKEN',
      c.act,
      c.what,
      c.seen === c.expected ? c.seen : `${c.seen}, expected ${c.expected}`,
    ]);
    const head = ['check', 'act', 'read from the system itself', 'seen'];
    const widths = head.map((h, i) => Math.max(h.length, ...rows.map((r) => r[i]!.length)));
    const line = (cells: readonly string[]): string =>
      cells
        .map((c, i) => c.padEnd(widths[i] ?? 0))
        .join('  ')
        .trimEnd();
    return [line(head), line(widths.map((w) => '-'.repeat(w))), ...rows.map(line)].join('\n');
  }
}

function show(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) return value.length > 0 ? value.join(', ') : 'none';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
