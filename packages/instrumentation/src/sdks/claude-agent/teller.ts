/** Tells what a process of Claude Code says of itself: as the facts that its transcript and telemetry give, too. */
import { createClaudeCodeTelemetry, type LogRecord, mapHook, PRODUCT } from "@moai-metrics/agents/claude-code";
import { cleanErrorType, type Fact, type TaskOutcome, type ToolCallFact } from "@moai-metrics/model";
import { currentBudget } from "../../budget.ts";
import { recordMetric } from "../../instruments.ts";
import { outcomeOfThrow } from "../../outcome.ts";
import { countDrop, emitFact, guarded } from "../../registry.ts";
import { recordToldCall } from "../../told-call.ts";
import { shapeOf } from "../../usage/shape.ts";
import { createToldTasks } from "./told-tasks.ts";

/** Takes what is said. None of this throws. */
export interface Teller {
  /** The input of a hook. */
  hook(input: unknown): void;
  log(record: LogRecord): void;
  /** A message of the stream. */
  message(message: unknown): void;
  /** The stream is over, or its reader has left. */
  end(): void;
  fail(error: unknown): void;
}

/** Requests that are remembered, so that logs which are sent again count once in the metrics. */
const MAX_REMEMBERED = 10_000;

/** OpenTelemetry's names of those who serve the models. */
const PROVIDERS: Readonly<Record<string, string>> = {
  bedrock: "aws.bedrock",
  vertex: "gcp.vertex_ai",
  foundry: "azure.ai.inference",
};

/** Creates the teller of one process. Its calls count in the budget that is in force now. */
export function createTeller(): Teller {
  const telemetry = createClaudeCodeTelemetry();
  const tasks = createToldTasks();
  const budget = currentBudget();
  const seen = new Set<string>();

  const tellCall = (fact: Extract<Fact, { kind: "model_call" }>, record: LogRecord): void => {
    const { requestId = "" } = fact;
    if (seen.has(requestId)) return;
    if (seen.size >= MAX_REMEMBERED) seen.clear();
    seen.add(requestId);
    const provider = PROVIDERS[String(record.attributes["anthropic.provider"])] ?? "anthropic";
    recordToldCall(fact, { provider, agentName: tasks.agentOf(fact.taskId), budget });
  };

  return {
    hook: (input) =>
      guarded(() => {
        const mapped = mapHook(input, Date.now());
        if (typeof mapped === "string") return countDrop(mapped);
        for (const fact of mapped) {
          emitFact(fact);
          if (fact.kind === "task") tasks.note(fact);
          if (fact.kind === "tool_call") recordTool(fact, tasks.agentOf(fact.taskId));
        }
      }),
    log: (record) =>
      guarded(() => {
        const mapped = telemetry.ownsLog(record) ? telemetry.mapLog(record, noKeys) : [];
        // Most events have no figures.
        if (typeof mapped === "string") return;
        for (const fact of mapped) {
          if (fact.kind === "model_call") tellCall(fact, record);
          else emitFact(fact);
        }
      }),
    message: (message) => guarded(() => tasks.endPrompt(outcomeIn(message))),
    end: () => guarded(() => tasks.endAll({ result: "cancelled", origin: "inferred", atMillis: Date.now() })),
    fail: (error) => guarded(() => tasks.endAll(outcomeOfError(error))),
  };
}

/** Names of calls are needed for products whose records have none. */
function noKeys(): never {
  throw new Error("Claude Code names its calls.");
}

/** How a prompt ended, as the message behind it says; what failed at the API is told by a hook, with its class. */
function outcomeIn(value: unknown): TaskOutcome | undefined {
  const message = shapeOf(value);
  if (message?.["type"] !== "result") return undefined;
  const subtype: unknown = message["subtype"];
  const atMillis = Date.now();
  if (message["is_error"] !== true && subtype === "success") return { result: "success", origin: "reported", atMillis };
  const errorType = subtype === "success" ? undefined : cleanErrorType(subtype);
  return { result: "failure", origin: "reported", atMillis, errorType };
}

/** Other classes of the bundle have lost their names. */
function outcomeOfError(error: unknown): TaskOutcome {
  const { result, errorType } = outcomeOfThrow(error);
  const hasName = errorType.endsWith("Error");
  return { result, origin: "reported", atMillis: Date.now(), errorType: hasName ? errorType : "Error" };
}

function recordTool(fact: ToolCallFact, agentName: string | undefined): void {
  const { endedAtMillis, startedAtMillis, tool = "unknown", errorType } = fact;
  if (endedAtMillis === undefined) return;
  const failed = errorType === undefined ? {} : { errorType };
  const attributes = { toolName: tool, toolType: "function", agentName };
  recordMetric("executeToolDuration", (endedAtMillis - startedAtMillis) / 1000, { ...attributes, ...failed });
  if (errorType !== undefined) recordMetric("errors", 1, { product: PRODUCT, agentName, errorType });
}
