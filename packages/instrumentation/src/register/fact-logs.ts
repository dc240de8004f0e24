/** Facts as log events: what a receiver needs to know as much as a local store would. They are never sampled. */
import { FACT_EVENT, type Fact, withoutPath } from "@moai-metrics/model";
import type { Logger } from "@opentelemetry/api";
import type { FactSink } from "../registry.ts";

/** @param logger of a provider that sends what it is given. */
export function createFactLog(logger: Pick<Logger, "emit">): FactSink {
  return (fact) =>
    logger.emit({
      eventName: FACT_EVENT,
      timestamp: timeOf(fact),
      attributes: { [FACT_EVENT]: JSON.stringify(withoutPath(fact)) },
    });
}

/** When what the fact tells was known, in milliseconds. */
function timeOf(fact: Fact): number {
  switch (fact.kind) {
    case "session":
      return fact.activity.at(-1)?.endMillis ?? Date.now();
    case "task":
      return fact.lastSeenAtMillis ?? fact.startedAtMillis ?? Date.now();
    case "model_call":
      return fact.endedAtMillis;
    case "tool_call":
      return fact.endedAtMillis ?? fact.startedAtMillis;
    case "file_change":
    case "quality":
      return fact.atMillis;
  }
}
