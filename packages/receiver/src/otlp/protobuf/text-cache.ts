/**
 * Texts made of bytes. The same few names and values come by the million, and making a text anew costs several times as
 * much as comparing it: short ones are kept until another one takes their place.
 */
export interface TextCache {
  /** @throws TypeError for what is not UTF-8. */
  textAt(bytes: Uint8Array, start: number, end: number): string;
}

const MAX_KEPT_LENGTH = 64;
/** A power of two. */
const PLACES = 4_096;

/** Creates an empty cache. */
export function createTextCache(): TextCache {
  const kept = new Array<string>(PLACES).fill("");
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  return {
    textAt: (bytes, start, end) => {
      const length = end - start;
      if (length > MAX_KEPT_LENGTH) return decoder.decode(bytes.subarray(start, end));
      let hash = length;
      let bits = 0;
      for (let at = start; at < end; at++) {
        const byte = bytes[at] ?? 0;
        bits |= byte;
        hash = (Math.imul(hash, 31) + byte) | 0;
      }
      if (bits >= 0x80) return decoder.decode(bytes.subarray(start, end));
      const place = (hash ^ (hash >>> 12)) & (PLACES - 1);
      const standing = kept[place] ?? "";
      if (isAt(standing, bytes, start, length)) return standing;
      const text = asciiAt(bytes, start, end);
      kept[place] = text;
      return text;
    },
  };
}

function isAt(text: string, bytes: Uint8Array, start: number, length: number): boolean {
  if (text.length !== length) return false;
  for (let at = 0; at < length; at++) if (text.charCodeAt(at) !== bytes[start + at]) return false;
  return true;
}

function asciiAt(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString("latin1");
}
