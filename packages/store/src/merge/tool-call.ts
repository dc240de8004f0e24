/** What is known of a tool call, and how two states of knowledge merge. */
import { type ToolCallFact, WITNESS_BITS, WITNESS_RANK } from "@moai-metrics/model";
import { hashOfId } from "./id-hash.ts";
import { better, byNumber, byText, type Ranked, ranked } from "./ranked.ts";

/** How a tool call ended. */
interface ToolOutcome {
  readonly isSuccess: boolean;
  readonly errorType: string;
}

/** Lines that a tool call changed. */
interface LineCounts {
  readonly added: number;
  readonly removed: number;
}

export interface ToolCallState {
  readonly callKey: number;
  /** Session and start belong together: both come from the same witness. */
  readonly base: Ranked<{ readonly sessionId: string; readonly startedAtMillis: number }>;
  readonly taskId: Ranked<string> | undefined;
  readonly tool: Ranked<string> | undefined;
  readonly endedAtMillis: Ranked<number> | undefined;
  readonly outcome: Ranked<ToolOutcome> | undefined;
  readonly lines: Ranked<LineCounts> | undefined;
  /** Set of bits of `WITNESS_BITS`: who told of the call. */
  readonly seenBy: number;
}

export function toolCallStateOf(fact: ToolCallFact): ToolCallState {
  const rank = WITNESS_RANK[fact.witness];
  const hasLines = fact.linesAdded !== undefined || fact.linesRemoved !== undefined;
  return {
    callKey: hashOfId(fact.product, fact.callId),
    base: { rank, value: { sessionId: fact.sessionId, startedAtMillis: fact.startedAtMillis } },
    taskId: ranked(rank, fact.taskId),
    tool: ranked(rank, fact.tool),
    endedAtMillis: ranked(rank, fact.endedAtMillis),
    outcome:
      fact.isSuccess === undefined
        ? undefined
        : { rank, value: { isSuccess: fact.isSuccess, errorType: fact.errorType ?? "" } },
    lines: hasLines ? { rank, value: { added: fact.linesAdded ?? 0, removed: fact.linesRemoved ?? 0 } } : undefined,
    seenBy: WITNESS_BITS[fact.witness],
  };
}

export function mergeToolCalls(a: ToolCallState, b: ToolCallState): ToolCallState {
  return {
    callKey: a.callKey,
    base: better(a.base, b.base, byStartThenSession) ?? a.base,
    taskId: better(a.taskId, b.taskId, byText),
    tool: better(a.tool, b.tool, byText),
    endedAtMillis: better(a.endedAtMillis, b.endedAtMillis, byNumber),
    outcome: better(a.outcome, b.outcome, byOutcome),
    lines: better(a.lines, b.lines, (x, y) => x.added - y.added || x.removed - y.removed),
    seenBy: a.seenBy | b.seenBy,
  };
}

function byStartThenSession(
  a: { sessionId: string; startedAtMillis: number },
  b: { sessionId: string; startedAtMillis: number },
): number {
  return a.startedAtMillis - b.startedAtMillis || byText(a.sessionId, b.sessionId);
}

function byOutcome(a: ToolOutcome, b: ToolOutcome): number {
  return byNumber(a.isSuccess, b.isSuccess) || byText(a.errorType, b.errorType);
}
