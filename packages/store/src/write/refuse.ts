/** Which facts the ledger cannot hold, and why. */
import { type Fact, QUARTER_HOUR_MILLIS, TOKEN_PARTS } from "@moai-metrics/model";

/** Row numbers leave 22 bits for the quarter hour: times up to the year 2089. */
const MAX_MILLIS = 2 ** 22 * QUARTER_HOUR_MILLIS;
const MAX_KEY_LENGTH = 512;

/** The reason to refuse a fact, or undefined when it can be stored. */
export function refusalOf(fact: Fact): string | undefined {
  if (!isKey(fact.product) || !isKey(fact.sessionId)) return "no product or session id, or an overlong one";
  switch (fact.kind) {
    case "session":
      return fact.activity.every(({ startMillis, endMillis }) => isTime(startMillis) && isTime(endMillis))
        ? undefined
        : "time out of range";
    case "task":
      if (!isKey(fact.taskId)) return "no task id, or an overlong one";
      return isOptional(fact.startedAtMillis, isTime) &&
        isOptional(fact.lastSeenAtMillis, isTime) &&
        isOptional(fact.outcome?.atMillis, isTime)
        ? checkCounts([fact.linesAdded, fact.linesRemoved])
        : "time out of range";
    case "model_call":
      if (!isKey(fact.requestId ?? fact.responseId)) return "no request or response id, or an overlong one";
      if (!isTime(fact.endedAtMillis)) return "time out of range";
      return checkCounts([
        fact.durationMillis,
        fact.firstChunkMillis,
        fact.webSearches,
        fact.reportedCostNanoUsd,
        ...TOKEN_PARTS.map((part) => fact.usage?.[part]),
      ]);
    case "tool_call":
      if (!isKey(fact.callId)) return "no tool call id, or an overlong one";
      if (!isTime(fact.startedAtMillis) || !isOptional(fact.endedAtMillis, isTime)) return "time out of range";
      return checkCounts([fact.linesAdded, fact.linesRemoved]);
    case "file_change":
      if (!isKey(fact.taskId) || fact.path === "") return "no task id or path";
      return isTime(fact.atMillis) ? undefined : "time out of range";
    default:
      return "unknown kind of fact";
  }
}

function checkCounts(counts: readonly (number | undefined)[]): string | undefined {
  const isCount = (count: number): boolean => Number.isSafeInteger(count) && count >= 0;
  return counts.every((count) => isOptional(count, isCount)) ? undefined : "count is not a whole number from 0";
}

function isOptional<T>(value: T | undefined, isValid: (value: T) => boolean): boolean {
  return value === undefined || isValid(value);
}

function isTime(millis: number): boolean {
  return Number.isSafeInteger(millis) && millis >= 0 && millis < MAX_MILLIS;
}

function isKey(key: string | undefined): boolean {
  return typeof key === "string" && key.length > 0 && key.length <= MAX_KEY_LENGTH;
}
