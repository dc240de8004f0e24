/** Several streams as one blob: each coded by zstd on its own, so that each gets the tables that fit it. */
import { constants, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { createByteReader, createByteWriter } from "./bytes.ts";

const PLAIN = 0;
const ZSTD = 1;
/** More gains under 1 % on numbers and costs several times the time. */
const LEVEL = 3;
/** A blob that claims more than this is damaged: no chunk is larger, and memory is not given to a claim. */
const MAX_STREAM_BYTES = 64 * 1024 * 1024;

/** Per stream: length, coding, coded length, bytes. */
export function packStreams(streams: readonly Uint8Array[]): Buffer {
  const head = createByteWriter();
  const body = createByteWriter();
  head.varint(streams.length);
  for (const stream of streams) {
    const zipped = zstdCompressSync(stream, {
      params: { [constants.ZSTD_c_compressionLevel]: LEVEL, [constants.ZSTD_c_contentSizeFlag]: 0 },
    });
    const isZipped = zipped.length < stream.length;
    const coded = isZipped ? zipped : stream;
    head.varint(stream.length);
    if (stream.length > 0) {
      head.byte(isZipped ? ZSTD : PLAIN);
      head.varint(coded.length);
      body.append(coded);
    }
  }
  return Buffer.concat([head.bytes(), body.bytes()]);
}

/** @throws RangeError or an error of zlib when the blob is not what {@link packStreams} made. */
export function unpackStreams(blob: Uint8Array): Uint8Array[] {
  const reader = createByteReader(blob);
  const count = reader.varint();
  const heads: { readonly length: number; readonly isZipped: boolean; readonly coded: number }[] = [];
  for (let i = 0; i < count; i++) {
    const length = reader.varint();
    if (length > MAX_STREAM_BYTES) throw new RangeError(`A stream claims ${length} bytes.`);
    const isZipped = length > 0 && reader.byte() === ZSTD;
    heads.push({ length, isZipped, coded: length > 0 ? reader.varint() : 0 });
  }
  return heads.map(({ length, isZipped, coded }) => {
    const bytes = reader.take(coded);
    const stream = isZipped ? zstdDecompressSync(bytes, { maxOutputLength: length }) : bytes;
    if (stream.length !== length) throw new RangeError(`A stream has ${stream.length} bytes instead of ${length}.`);
    return stream;
  });
}
