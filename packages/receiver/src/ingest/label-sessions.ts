/** Tags sessions with those attributes of their senders that the user promoted by the key `labels`. */
import type { Fact, SessionFact, Witness } from "@moai-metrics/model";
import type { Count } from "../otlp/attributes.ts";
import type { MappedRecords, RecordMapper } from "./map-records.ts";

type Tags = Readonly<Record<string, string>>;

/** What spans and log records have in common. */
interface Labelled {
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly resource: Readonly<Record<string, unknown>>;
}

const MAX_VALUE_LENGTH = 200;
const TOO_LONG = "label of more than 200 characters";

/**
 * Adds to what a mapper finds the tags of the sessions. What a record says of itself goes before what its sender says.
 *
 * @param labels names of attributes; without any the mapper is as it was.
 */
export function labelSessions(mapper: RecordMapper, labels: readonly string[]): RecordMapper {
  if (labels.length === 0) return mapper;
  return {
    mapSpans: (spans, passOver) => mapRuns(spans, labels, "span", passOver, mapper.mapSpans),
    mapLogs: (records, passOver) => mapRuns(records, labels, "log", passOver, mapper.mapLogs),
    reset: mapper.reset,
  };
}

/** Records of one sender stand beside one another: they are mapped together, in their order. */
function mapRuns<Given extends Labelled>(
  records: readonly Given[],
  labels: readonly string[],
  witness: Witness,
  passOver: Count,
  map: (records: readonly Given[], passOver: Count) => MappedRecords,
): MappedRecords {
  const runs: { readonly key: string; readonly tags: Tags; readonly records: Given[] }[] = [];
  for (const record of records) {
    const tags = tagsOf(record, labels, passOver);
    const key = JSON.stringify(tags);
    const last = runs.at(-1);
    if (last?.key === key) last.records.push(record);
    else runs.push({ key, tags, records: [record] });
  }
  const mapped = runs.map(({ tags, records: some }) => {
    const found = map(some, passOver);
    return { ...found, facts: [...found.facts, ...taggedSessions(found.facts, tags, witness)] };
  });
  return {
    facts: mapped.flatMap(({ facts }) => facts),
    states: mapped.flatMap(({ states }) => states),
    spans: mapped.flatMap(({ spans }) => spans),
  };
}

function tagsOf({ attributes, resource }: Labelled, labels: readonly string[], passOver: Count): Tags {
  const tags: Record<string, string> = {};
  for (const name of labels) {
    const value = attributes[name] ?? resource[name];
    if (typeof value !== "string" && typeof value !== "number" && typeof value !== "boolean") continue;
    const text = String(value).trim();
    if (text.length > MAX_VALUE_LENGTH) passOver(TOO_LONG);
    else if (text !== "") tags[name] = text;
  }
  return tags;
}

function taggedSessions(facts: readonly Fact[], tags: Tags, witness: Witness): SessionFact[] {
  if (Object.keys(tags).length === 0) return [];
  const sessions = new Map<string, SessionFact>();
  for (const fact of facts) {
    if (!("sessionId" in fact)) continue;
    const { product, sessionId } = fact;
    sessions.set(JSON.stringify([product, sessionId]), {
      ...{ kind: "session", witness, product, sessionId, activity: [], tags },
    });
  }
  return [...sessions.values()];
}
