/** SPECs of MoAI-ADK and the sessions that work on them. */
import type { Fact } from "@moai-metrics/model";
import { textOf } from "../jsonl/json-values.ts";

/** MoAI-ADK runs in Claude Code. */
export const AGENT_PRODUCT = "claude-code";

/** Tags of a session. */
export const SPEC_TAGS = Object.freeze({
  spec: "moai.spec",
  phase: "moai.phase",
  status: "moai.spec_status",
  milestone: "moai.milestone",
});

/** The id of a SPEC, which may have several parts: SPEC-TOKEN-ACCOUNTING-001. */
export function specOf(value: unknown): string | undefined {
  const text = textOf(value, 100);
  return text !== undefined && /^SPEC-[A-Z0-9]+(?:-[A-Z0-9]+)*-\d+$/.test(text) ? text : undefined;
}

/** Of the lowest rank: whoever saw the session knows its folder better. */
export function sessionFact(
  sessionId: string,
  project: string,
  tags: Readonly<Record<string, string>>,
  activity: readonly { readonly startMillis: number; readonly endMillis: number }[],
): Fact {
  return { kind: "session", witness: "inferred", product: AGENT_PRODUCT, sessionId, project, activity, tags };
}
