/**
 * Learns the names of subagents from spans. The spans of a subagent's calls carry its id and lie below the execution
 * of the tool that started it; that tool's own span carries its name and comes last.
 */
import type { SpanRecord } from "../genai/span-record.ts";
import { text } from "../telemetry/attributes.ts";

/** A subagent whose name is now known. */
interface NamedSubagent {
  readonly agentId: string;
  readonly agent: string;
}

/** Puts ids and names together, in whatever order the spans come. */
export interface SubagentNames {
  /** What is known now that a span has come. */
  learn(span: SpanRecord): readonly NamedSubagent[];
}

/** Spans that are remembered: those of one agent run lie close together. */
const MAX_REMEMBERED = 4_000;

/** Creates {@link SubagentNames}. */
export function createSubagentNames(): SubagentNames {
  /** Of the span below which a subagent worked. */
  const agentIds = new Map<string, Set<string>>();
  /** The span around another. */
  const parents = new Map<string, string>();
  /** Of the span of the tool that started a subagent. */
  const names = new Map<string, string>();

  const namedBelow = (executionKey: string): NamedSubagent[] => {
    const agent = names.get(parents.get(executionKey) ?? "") ?? names.get(executionKey);
    if (agent === undefined) return [];
    return [...(agentIds.get(executionKey) ?? [])].map((agentId) => ({ agentId, agent }));
  };

  return {
    learn: ({ traceId, spanId, parentSpanId, name, attributes }) => {
      if (parentSpanId === undefined) return [];
      const key = `${traceId} ${spanId}`;
      const parentKey = `${traceId} ${parentSpanId}`;
      const agentId = text(attributes, "agent_id");
      if (name === "claude_code.tool") {
        const agent = text(attributes, "subagent_type");
        if (agent !== undefined) {
          remember(names, key, agent);
          const below = [...parents].filter(([, parent]) => parent === key).map(([child]) => child);
          return [key, ...below].flatMap(namedBelow);
        }
      }
      if (name === "claude_code.tool.execution") {
        remember(parents, key, parentKey);
        return namedBelow(key);
      }
      if (agentId === undefined) return [];
      const known = agentIds.get(parentKey) ?? new Set();
      if (known.has(agentId)) return [];
      remember(agentIds, parentKey, known.add(agentId));
      return namedBelow(parentKey);
    },
  };
}

function remember<Value>(map: Map<string, Value>, key: string, value: Value): void {
  map.set(key, value);
  const [oldest] = map.keys();
  if (map.size > MAX_REMEMBERED && oldest !== undefined) map.delete(oldest);
}
