import type { StandInRequest } from '../common/types.ts';

export type Part = { name: string; fileName: string | null; mimeType: string; bytes: Buffer };

/** The parts of a multipart/form-data body (RFC 7578); an empty list when it is none. */
export function partsOf(req: StandInRequest): Part[] {
  const type = req.headers['content-type'] ?? '';
  const boundary = /^multipart\/form-data\s*;.*\bboundary=(?:"([^"]+)"|([^;\s]+))/i.exec(type);
  const mark = boundary?.[1] ?? boundary?.[2];
  if (mark === undefined) return [];
  const parts: Part[] = [];
  const delimiter = Buffer.from(`--${mark}`);
  let start = req.bytes.indexOf(delimiter);
  while (start >= 0) {
    const from = start + delimiter.length + 2; // after CRLF
    const end = req.bytes.indexOf(delimiter, from);
    if (end < 0) break;
    const part = partOf(req.bytes.subarray(from, end - 2));
    if (part) parts.push(part);
    start = end;
  }
  return parts;
}

function partOf(bytes: Buffer): Part | null {
  const gap = bytes.indexOf('\r\n\r\n');
  if (gap < 0) return null;
  const head = bytes.subarray(0, gap).toString('utf8');
  const name = /\bname="([^"]*)"/i.exec(head)?.[1];
  if (name === undefined) return null;
  return {
    name,
    fileName: /\bfilename="([^"]*)"/i.exec(head)?.[1] ?? null,
    mimeType: /^content-type:\s*(.+)$/im.exec(head)?.[1]?.trim() ?? 'application/octet-stream',
    bytes: bytes.subarray(gap + 4),
  };
}
