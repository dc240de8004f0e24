/** Which facts the ledger cannot hold, and why. Facts may come from files, so nothing about their shape is certain. */
import {
  type ActivityInterval,
  FACT_LIMITS,
  type Fact,
  FILE_CHANGES,
  QUALITY_MEASURES,
  QUARTER_HOUR_MILLIS,
  type QualityFact,
  TASK_KINDS,
  TASK_RESULTS,
  type TaskReport,
  type TokenUsage,
  WITNESS_RANK,
} from "@moai-metrics/model";

/** Row numbers leave 22 bits for the quarter hour: times up to the year 2089. */
const MAX_MILLIS = 2 ** 22 * QUARTER_HOUR_MILLIS;
const MAX_KEY_LENGTH = 512;
const MAX_TEXT_LENGTH = 4_096;

const BAD_COUNT = "count is not a whole number within reason";
const BAD_ENUMERATION = "value outside its enumeration";
const BAD_SCORE = "score is not what its counts say, or not a share from 0 to 1";
const BAD_ORDER = "ends before it starts";
const BAD_SHAPE = "not a fact";
const BAD_TEXT = "text is missing, overlong or not text";
const BAD_TIME = "time out of range";

/** The reason to refuse a fact, or undefined when it can be stored. Never throws. */
export function refusalOf(fact: Fact): string | undefined {
  if (typeof fact !== "object" || fact === null || !Object.hasOwn(WITNESS_RANK, fact.witness)) return BAD_SHAPE;
  if (fact.kind === "quality") return refusalOfQuality(fact);
  if (!isKey(fact.product) || !isKey(fact.sessionId)) return BAD_TEXT;
  switch (fact.kind) {
    case "session":
      if (!isText(fact.project) || !isText(fact.branch) || !isText(fact.version) || !areTags(fact.tags))
        return BAD_TEXT;
      if (!Array.isArray(fact.activity) || !fact.activity.every(isInterval)) return BAD_TIME;
      return fact.activity.every(({ startMillis, endMillis }) => startMillis <= endMillis) ? undefined : BAD_ORDER;
    case "task":
      return refusalOfTask(fact);
    case "model_call":
      return refusalOfCall(fact);
    case "tool_call":
      if (!isKey(fact.callId) || !isOptionalKey(fact.taskId)) return BAD_TEXT;
      if (!isText(fact.tool) || !isText(fact.errorType)) return BAD_TEXT;
      if (!isTime(fact.startedAtMillis) || !isOptionalTime(fact.endedAtMillis)) return BAD_TIME;
      if (fact.endedAtMillis !== undefined && fact.endedAtMillis < fact.startedAtMillis) return BAD_ORDER;
      return areLines(fact) ? undefined : BAD_COUNT;
    case "file_change":
      if (!isKey(fact.taskId) || typeof fact.path !== "string" || fact.path === "") return BAD_TEXT;
      if (!isOneOf(FILE_CHANGES, fact.change)) return BAD_ENUMERATION;
      return isTime(fact.atMillis) ? undefined : BAD_TIME;
    default:
      return BAD_SHAPE;
  }
}

function refusalOfTask(fact: Extract<Fact, { kind: "task" }>): string | undefined {
  const { outcome } = fact;
  if (!isKey(fact.taskId) || !isOptionalKey(fact.parentTaskId) || !isText(fact.agent)) return BAD_TEXT;
  if (fact.taskKind !== undefined && !isOneOf(TASK_KINDS, fact.taskKind)) return BAD_ENUMERATION;
  if (!isOptionalTime(fact.startedAtMillis) || !isOptionalTime(fact.lastSeenAtMillis)) return BAD_TIME;
  if (outcome !== undefined) {
    if (typeof outcome !== "object" || outcome === null || !isText(outcome.errorType)) return BAD_SHAPE;
    if (!isOneOf(TASK_RESULTS, outcome.result)) return BAD_ENUMERATION;
    if (!isTime(outcome.atMillis)) return BAD_TIME;
  }
  if (!areLines(fact)) return BAD_COUNT;
  return fact.report === undefined ? undefined : refusalOfReport(fact.report);
}

function refusalOfReport(report: TaskReport): string | undefined {
  if (typeof report !== "object" || report === null) return BAD_SHAPE;
  if (!isOptionalKey(report.name)) return BAD_TEXT;
  if (!isOptionalCount(FACT_LIMITS.durationMillis, report.durationMillis)) return BAD_COUNT;
  return isOptionalCount(FACT_LIMITS.count, report.tokens) ? undefined : BAD_COUNT;
}

function refusalOfCall(fact: Extract<Fact, { kind: "model_call" }>): string | undefined {
  const { usage } = fact;
  if (!isKey(fact.requestId ?? fact.responseId) || !isOptionalKey(fact.responseId) || !isOptionalKey(fact.taskId)) {
    return BAD_TEXT;
  }
  if (!isText(fact.model) || !isText(fact.errorType)) return BAD_TEXT;
  if (!isTime(fact.endedAtMillis)) return BAD_TIME;
  if (!isOptionalCount(FACT_LIMITS.durationMillis, fact.durationMillis)) return BAD_COUNT;
  if (!isOptionalCount(FACT_LIMITS.durationMillis, fact.firstChunkMillis)) return BAD_COUNT;
  if (fact.endedAtMillis - (fact.durationMillis ?? 0) < 0) return BAD_TIME;
  if (!isOptionalCount(FACT_LIMITS.costNanoUsd, fact.reportedCostNanoUsd)) return BAD_COUNT;
  if (!isOptionalCount(FACT_LIMITS.count, fact.webSearches)) return BAD_COUNT;
  if (usage === undefined) return undefined;
  if (typeof usage !== "object" || usage === null) return BAD_SHAPE;
  return areTokens(usage) ? undefined : BAD_COUNT;
}

/** A score that contradicts its counts would make the two tell different trends. */
function refusalOfQuality({
  measure,
  project,
  benchmark,
  tool,
  atMillis,
  score,
  counts,
}: QualityFact): string | undefined {
  if (!isOneOf(QUALITY_MEASURES, measure)) return BAD_ENUMERATION;
  if (!isText(project) || !isText(benchmark) || !isText(tool)) return BAD_TEXT;
  if (!isTime(atMillis)) return BAD_TIME;
  if (!Number.isFinite(score)) return BAD_SCORE;
  if (measure !== "benchmark_score" && (score < 0 || score > 1)) return BAD_SCORE;
  if (counts === undefined) return undefined;
  if (typeof counts !== "object" || counts === null) return BAD_SHAPE;
  const { good, total } = counts;
  if (!isOptionalCount(FACT_LIMITS.count, good) || !isOptionalCount(FACT_LIMITS.count, total)) return BAD_COUNT;
  if (total < 1 || good > total) return BAD_COUNT;
  return score === good / total ? undefined : BAD_SCORE;
}

function isText(text: unknown): boolean {
  return text === undefined || (typeof text === "string" && text.length <= MAX_TEXT_LENGTH);
}

function areTags(tags: unknown): boolean {
  if (tags === undefined) return true;
  if (typeof tags !== "object" || tags === null) return false;
  const entries = Object.entries(tags);
  return entries.length <= FACT_LIMITS.tags && entries.every(([key, value]) => isKey(key) && isKey(value));
}

function areLines({ linesAdded, linesRemoved }: { linesAdded?: unknown; linesRemoved?: unknown }): boolean {
  return isOptionalCount(FACT_LIMITS.count, linesAdded) && isOptionalCount(FACT_LIMITS.count, linesRemoved);
}

function areTokens(usage: TokenUsage): boolean {
  // Spelled out: a loop over names takes several times as long, and this is asked of every call.
  const { count } = FACT_LIMITS;
  return (
    isCount(count, usage.input) &&
    isCount(count, usage.cacheRead) &&
    isCount(count, usage.cacheWrite5m) &&
    isCount(count, usage.cacheWrite1h) &&
    isCount(count, usage.output) &&
    isCount(count, usage.reasoning)
  );
}

function isOptionalCount(max: number, count: unknown): boolean {
  return count === undefined || isCount(max, count);
}

function isCount(max: number, count: unknown): boolean {
  return Number.isSafeInteger(count) && (count as number) >= 0 && (count as number) <= max;
}

function isInterval(interval: ActivityInterval | null): boolean {
  return (
    typeof interval === "object" && interval !== null && isTime(interval.startMillis) && isTime(interval.endMillis)
  );
}

function isOneOf(values: readonly string[], value: unknown): boolean {
  return typeof value === "string" && values.includes(value);
}

function isOptionalKey(key: string | undefined): boolean {
  return key === undefined || isKey(key);
}

function isOptionalTime(millis: unknown): boolean {
  return millis === undefined || isTime(millis);
}

function isTime(millis: unknown): boolean {
  return isCount(MAX_MILLIS - 1, millis);
}

function isKey(key: unknown): boolean {
  return typeof key === "string" && key.length > 0 && key.length <= MAX_KEY_LENGTH;
}
