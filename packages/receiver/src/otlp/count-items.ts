/** Counts the messages in a body before they become objects: two bytes can ask for an object of eighty. */
import type { DescMessage } from "@bufbuild/protobuf";
import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";

/** The messages inside each kind of message, by field number. */
type Inner = ReadonlyMap<number, DescMessage>;

const innerOf = new WeakMap<DescMessage, Inner>();

/**
 * Counts messages of all levels, up to just above `limit`.
 *
 * @throws Error when the bytes are cut off.
 */
export function countItems(schema: DescMessage, bytes: Uint8Array, limit: number): number {
  let count = 0;
  const waiting: [schema: DescMessage, bytes: Uint8Array][] = [[schema, bytes]];
  for (let next = waiting.pop(); next !== undefined && count <= limit; next = waiting.pop()) {
    const inner = innerMessages(next[0]);
    const reader = new BinaryReader(next[1]);
    while (reader.pos < reader.len && count <= limit) {
      const [field, wireType] = reader.tag();
      const message = wireType === WireType.LengthDelimited ? inner.get(field) : undefined;
      if (message === undefined) {
        reader.skip(wireType, field);
        continue;
      }
      count += 1;
      waiting.push([message, reader.bytes()]);
    }
  }
  return count;
}

function innerMessages(schema: DescMessage): Inner {
  let inner = innerOf.get(schema);
  if (inner === undefined) {
    inner = new Map(
      schema.fields.flatMap((field) =>
        field.message === undefined ? [] : [[field.number, field.message] as [number, DescMessage]],
      ),
    );
    innerOf.set(schema, inner);
  }
  return inner;
}
