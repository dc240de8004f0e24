/** What all signals have in common, from OTLP/protobuf. */
import type {
  AnyValue,
  ArrayValue,
  InstrumentationScope,
  KeyValue,
  KeyValueList,
} from "../generated/opentelemetry/proto/common/v1/common_pb.ts";
import type { Resource } from "../generated/opentelemetry/proto/resource/v1/resource_pb.ts";
import type { WireReader } from "./wire-reader.ts";

/** A list that stays empty: of what is not read. */
export const NOT_READ: never[] = [];
/** An id that was not sent. */
export const NO_BYTES: Uint8Array = new Uint8Array(0);

/** Messages inside of messages. An attribute may be nested 64 deep, which takes up to three of them a level. */
const MAX_DEPTH = 210;

/** A value of an enumeration; one that is not known is kept as it is. */
export function readEnum<Value extends number>(reader: WireReader): Value {
  return (reader.uint32() | 0) as Value;
}

/** The entries of a message that has nothing but a list in field 1. */
export function listIn<T>(reader: WireReader, read: (reader: WireReader) => T, into: T[] = []): T[] {
  for (const end = reader.endOfNext(); reader.at < end; ) {
    const tag = reader.tag();
    if (tag >>> 3 === 1) into.push(read(reader));
    else reader.skip(tag);
  }
  return into;
}

/** A resource; of a field that comes twice, both are one. */
export function readResource(reader: WireReader, given: Resource | undefined): Resource {
  const attributes = listIn(reader, readAttribute, given?.attributes);
  return {
    $typeName: "opentelemetry.proto.resource.v1.Resource",
    attributes,
    droppedAttributesCount: 0,
    entityRefs: NOT_READ,
  };
}

/** An instrumentation scope; of a field that comes twice, both are one. */
export function readScope(reader: WireReader, given: InstrumentationScope | undefined): InstrumentationScope {
  const scope: InstrumentationScope = given ?? {
    $typeName: "opentelemetry.proto.common.v1.InstrumentationScope",
    name: "",
    version: "",
    attributes: NOT_READ,
    droppedAttributesCount: 0,
  };
  for (const end = reader.endOfNext(); reader.at < end; ) {
    const tag = reader.tag();
    if (tag >>> 3 === 1) scope.name = reader.text();
    else if (tag >>> 3 === 2) scope.version = reader.text();
    else reader.skip(tag);
  }
  return scope;
}

/** An attribute. */
export function readAttribute(reader: WireReader): KeyValue {
  return readKeyValue(reader, 0);
}

function readKeyValue(reader: WireReader, depth: number): KeyValue {
  const attribute: KeyValue = { $typeName: "opentelemetry.proto.common.v1.KeyValue", key: "", keyStrindex: 0 };
  for (const end = reader.endOfNext(); reader.at < end; ) {
    const tag = reader.tag();
    if (tag >>> 3 === 1) attribute.key = reader.text();
    else if (tag >>> 3 === 2) attribute.value = readValue(reader, depth + 1, attribute.value);
    else reader.skip(tag);
  }
  return attribute;
}

/** Of several kinds of value the last counts; lists of one kind are one list. */
function readValue(reader: WireReader, depth: number, given?: AnyValue): AnyValue {
  if (depth > MAX_DEPTH) throw new Error("values nested too deep");
  let value: AnyValue["value"] = given?.value ?? { case: undefined };
  for (const end = reader.endOfNext(); reader.at < end; ) {
    const tag = reader.tag();
    switch (tag >>> 3) {
      case 1:
        value = { case: "stringValue", value: reader.text() };
        break;
      case 2:
        value = { case: "boolValue", value: reader.bool() };
        break;
      case 3:
        value = { case: "intValue", value: reader.int64() };
        break;
      case 4:
        value = { case: "doubleValue", value: reader.double() };
        break;
      case 5:
        value = { case: "arrayValue", value: readArray(reader, depth, value) };
        break;
      case 6:
        value = { case: "kvlistValue", value: readMap(reader, depth, value) };
        break;
      case 7:
        value = { case: "bytesValue", value: reader.bytes() };
        break;
      case 8:
        value = { case: "stringValueStrindex", value: readEnum(reader) };
        break;
      default:
        reader.skip(tag);
    }
  }
  return { $typeName: "opentelemetry.proto.common.v1.AnyValue", value };
}

function readArray(reader: WireReader, depth: number, given: AnyValue["value"]): ArrayValue {
  const before = given.case === "arrayValue" ? given.value.values : [];
  const values = listIn(reader, (inner) => readValue(inner, depth + 2), before);
  return { $typeName: "opentelemetry.proto.common.v1.ArrayValue", values };
}

function readMap(reader: WireReader, depth: number, given: AnyValue["value"]): KeyValueList {
  const before = given.case === "kvlistValue" ? given.value.values : [];
  const values = listIn(reader, (inner) => readKeyValue(inner, depth + 2), before);
  return { $typeName: "opentelemetry.proto.common.v1.KeyValueList", values };
}
