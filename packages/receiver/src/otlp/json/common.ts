/** What all signals have in common, from OTLP/JSON. */
import { create } from "@bufbuild/protobuf";
import {
  type AnyValue,
  AnyValueSchema,
  type InstrumentationScope,
  InstrumentationScopeSchema,
  type KeyValue,
  KeyValueSchema,
} from "../generated/opentelemetry/proto/common/v1/common_pb.ts";
import { type Resource, ResourceSchema } from "../generated/opentelemetry/proto/resource/v1/resource_pb.ts";
import {
  arrayAt,
  double,
  integer,
  type JsonObject,
  listOf,
  objectAt,
  optionalObject,
  smallIntegerAt,
  textAt,
  truthAt,
  wrong,
} from "./values.ts";

/** The attributes at a name. */
export function attributesAt(from: JsonObject, name = "attributes"): KeyValue[] {
  return listOf(from, name, keyValue);
}

/** The resource, or undefined where there is none. */
export function resourceAt(from: JsonObject): Resource | undefined {
  const resource = optionalObject(from, "resource");
  return resource && create(ResourceSchema, { attributes: attributesAt(resource) });
}

/** The instrumentation scope, or undefined where there is none. */
export function scopeAt(from: JsonObject): InstrumentationScope | undefined {
  const scope = optionalObject(from, "scope");
  return (
    scope &&
    create(InstrumentationScopeSchema, {
      name: textAt(scope, "name"),
      version: textAt(scope, "version"),
      attributes: attributesAt(scope),
      droppedAttributesCount: smallIntegerAt(scope, "droppedAttributesCount"),
    })
  );
}

function keyValue(from: JsonObject): KeyValue {
  const value = optionalObject(from, "value");
  return create(KeyValueSchema, { key: textAt(from, "key"), ...(value && { value: anyValue(value) }) });
}

/** A value of an attribute or a body. Of several kinds of value, which the protocol does not allow, the first counts. */
function anyValue(from: JsonObject): AnyValue {
  return create(AnyValueSchema, { value: givenValue(from) });
}

function givenValue(from: JsonObject): AnyValue["value"] {
  for (const [name, given] of Object.entries(from)) {
    if (given === null) continue;
    switch (name) {
      case "stringValue":
        return { case: name, value: textAt(from, name) };
      case "boolValue":
        return { case: name, value: truthAt(from, name) };
      case "intValue":
        return { case: name, value: integer(given, name) };
      case "doubleValue":
        return { case: name, value: double(given, name) };
      case "bytesValue":
        return { case: name, value: bytesOf(given) };
      case "arrayValue":
        return arrayValue(objectAt(given, name));
      case "kvlistValue":
        return kvlistValue(objectAt(given, name));
      default:
        break;
    }
  }
  return { case: undefined };
}

function arrayValue(from: JsonObject): AnyValue["value"] {
  const values = arrayAt(from, "values").map((entry) => anyValue(objectAt(entry, "values")));
  return { case: "arrayValue", value: { $typeName: "opentelemetry.proto.common.v1.ArrayValue", values } };
}

function kvlistValue(from: JsonObject): AnyValue["value"] {
  const values = listOf(from, "values", keyValue);
  return { case: "kvlistValue", value: { $typeName: "opentelemetry.proto.common.v1.KeyValueList", values } };
}

function bytesOf(given: unknown): Uint8Array {
  if (typeof given !== "string") throw wrong("bytesValue", "a text in base64");
  return new Uint8Array(Buffer.from(given, "base64"));
}
