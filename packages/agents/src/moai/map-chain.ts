/**
 * `.moai/state/chain/events.jsonl` as facts: which session works in which worktree on which SPEC, and which milestones were
 * completed, when. Source: MoAI-ADK 3.1, `internal/chain`. Intents and commands to go on with are not looked at.
 */
import type { Fact } from "@moai-metrics/model";
import { hash53, joinKey } from "@moai-metrics/model";
import { type JsonObject, objectOf, textOf, timeOf } from "../jsonl/json-values.ts";
import type { MoaiFileFacts } from "./moai-files.ts";
import { reportedTaskFacts } from "./reported-task.ts";
import { AGENT_PRODUCT, SPEC_TAGS, sessionFact, specOf } from "./spec-sessions.ts";

/** A worktree of the chain: what its events said so far. */
interface Node {
  sessionId?: string | undefined;
  spec?: string | undefined;
  milestone?: string | undefined;
  enteredAtMillis?: number | undefined;
}

interface Completion {
  readonly child: string;
  readonly milestone: string;
  readonly atMillis: number;
}

/** Maps a file. Never throws. */
export function mapChainEvents(lines: readonly unknown[], project: string): MoaiFileFacts {
  const nodes = new Map<string, Node>();
  const completions = new Map<string, Completion>();
  const skipped: string[] = [];
  for (const given of lines) {
    const event = objectOf(given);
    const type = event?.["event_type"];
    if (event === undefined) skipped.push("entry that is no object");
    else if (type === "node-enter" || type === "node-update") learn(nodes, event);
    else if (type === "completion-edge") {
      const completion = completionOf(event);
      // The hook behind it runs for every subagent, and tells the same milestone again.
      if (completion === undefined) skipped.push("completion without a node, a milestone or a time");
      else completions.set(joinKey(completion.child, completion.milestone), earlier(completion, completions));
    } else skipped.push("event of another kind");
  }
  const facts: Fact[] = [];
  for (const { sessionId, spec, milestone, enteredAtMillis } of nodes.values()) {
    if (sessionId === undefined || spec === undefined) continue;
    const tags = { [SPEC_TAGS.spec]: spec, ...(milestone === undefined ? {} : { [SPEC_TAGS.milestone]: milestone }) };
    const activity =
      enteredAtMillis === undefined ? [] : [{ startMillis: enteredAtMillis, endMillis: enteredAtMillis }];
    facts.push(sessionFact(sessionId, project, tags, activity));
  }
  for (const { child, milestone, atMillis } of completions.values()) {
    const { sessionId, spec, enteredAtMillis } = nodes.get(child) ?? {};
    const isFirst = ![...completions.values()].some((other) => other.child === child && other.atMillis < atMillis);
    facts.push(
      ...reportedTaskFacts(
        {
          id: `chain:${hash53(joinKey(child, milestone)).toString(36)}`,
          session: sessionId === undefined ? undefined : { product: AGENT_PRODUCT, sessionId },
          project,
          atMillis,
          kind: "hook",
          name: spec === undefined ? milestone : `${spec} ${milestone}`,
          result: "success",
          // Of later ones nothing says when they began.
          durationMillis:
            isFirst && enteredAtMillis !== undefined && enteredAtMillis <= atMillis
              ? atMillis - enteredAtMillis
              : undefined,
        },
        "hook",
      ),
    );
  }
  return { entries: lines.length, facts, skipped };
}

function learn(nodes: Map<string, Node>, event: JsonObject): void {
  const id = textOf(event["node_id"]);
  if (id === undefined) return;
  const known = nodes.get(id) ?? {};
  nodes.set(id, {
    sessionId: textOf(event["session_id"]) ?? known.sessionId,
    spec: specOf(event["spec_id"]) ?? known.spec,
    milestone: nameOf(event["milestone"]) ?? known.milestone,
    enteredAtMillis: timeOf(event["entered_at"]) ?? known.enteredAtMillis,
  });
}

function completionOf(event: JsonObject): Completion | undefined {
  const child = textOf(event["child_node"]);
  const milestone = nameOf(event["completed_milestone"]);
  const atMillis = timeOf(event["completed_at"]);
  return child === undefined || milestone === undefined || atMillis === undefined
    ? undefined
    : { child, milestone, atMillis };
}

function earlier(completion: Completion, known: ReadonlyMap<string, Completion>): Completion {
  const before = known.get(joinKey(completion.child, completion.milestone));
  return before !== undefined && before.atMillis <= completion.atMillis ? before : completion;
}

/** A label of few letters, no sentence. */
function nameOf(value: unknown): string | undefined {
  const text = textOf(value, 60);
  return text !== undefined && /^[\w.:-]+$/.test(text) ? text : undefined;
}
