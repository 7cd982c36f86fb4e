/** Lines of a table: columns as wide as their widest cell, two spaces between, the last one free. Empty cells are shown as `–`; no rows, no table. */
export function table(head: readonly string[], rows: readonly (readonly (string | undefined)[])[]): string {
  if (rows.length === 0) return '';
  const cells = [
    head.map((title) => title.toUpperCase()),
    ...rows.map((row) => head.map((_, index) => row[index]?.replaceAll(/\s+/g, ' ') || '–')),
  ];
  const widths = head.map((_, index) => Math.max(...cells.map((row) => [...(row[index] ?? '')].length)));
  return cells
    .map((row) =>
      row.map((cell, index) => (index === row.length - 1 ? cell : cell.padEnd(widths[index] ?? 0))).join('  '),
    )
    .join('\n');
}

/** `2026-11-21 10:15:02` (UTC) of an ISO instant. */
export function when(iso: string | undefined): string {
  return iso === undefined ? '' : iso.slice(0, 19).replace('T', ' ');
}

/** A heading and what stands under it; nothing where there is nothing. */
export function section(title: string, body: string): string {
  return body === '' ? '' : `${title}\n${body.replaceAll(/^/gm, '  ')}\n\n`;
}
