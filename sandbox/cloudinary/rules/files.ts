/** What can be told of a small file without a library. */
type Facts = { format: string | null; width: number | null; height: number | null };

const EXTENSIONS: Record<string, string> = { jpeg: 'jpg', tiff: 'tif' };
const VIDEO = new Set(['mp4', 'mov', 'webm', 'mkv', 'avi', 'mp3', 'wav']);

/** Format and size of a picture from its first bytes; the extension of the name otherwise. */
export function factsOf(bytes: Buffer, name: string): Facts {
  if (bytes.subarray(1, 4).toString('latin1') === 'PNG' && bytes.length > 24)
    return { format: 'png', width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) };
  if (bytes.subarray(0, 3).toString('latin1') === 'GIF' && bytes.length > 10)
    return { format: 'gif', width: bytes.readUInt16LE(6), height: bytes.readUInt16LE(8) };
  if (bytes[0] === 0xff && bytes[1] === 0xd8) return { format: 'jpg', ...jpegSize(bytes) };
  const extension = /\.([A-Za-z0-9]+)$/.exec(name)?.[1]?.toLowerCase();
  return { format: extension === undefined ? null : (EXTENSIONS[extension] ?? extension), width: null, height: null };
}

function jpegSize(bytes: Buffer): { width: number | null; height: number | null } {
  let at = 2;
  while (at + 9 < bytes.length && bytes[at] === 0xff) {
    const marker = bytes[at + 1] ?? 0;
    if (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker))
      return { height: bytes.readUInt16BE(at + 5), width: bytes.readUInt16BE(at + 7) };
    at += 2 + bytes.readUInt16BE(at + 2);
  }
  return { width: null, height: null };
}

/** `auto` becomes what the file looks like. */
export function resourceType(wanted: string, facts: Facts): 'image' | 'video' | 'raw' {
  if (wanted === 'image' || wanted === 'video' || wanted === 'raw') return wanted;
  if (facts.width !== null) return 'image';
  return facts.format !== null && VIDEO.has(facts.format) ? 'video' : 'raw';
}
