/** The prompts and subagents of one process of Claude Code: who runs, and how it ended. */
import { PRODUCT } from "@moai-metrics/agents/claude-code";
import type { TaskFact, TaskOutcome } from "@moai-metrics/model";
import { OTHER } from "../../attributes.ts";
import { recordMetric } from "../../instruments.ts";
import { emitFact } from "../../registry.ts";

export interface ToldTasks {
  /** Takes what a hook told of a task. */
  note(fact: TaskFact): void;
  /** The name of a task's agent, where it is known. */
  agentOf(taskId: string | undefined): string | undefined;
  /** The prompt that was asked last has ended; undefined for what says nothing of it. */
  endPrompt(outcome: TaskOutcome | undefined): void;
  /** Whatever runs has ended. */
  endAll(outcome: TaskOutcome): void;
}

/** Names that are remembered: of a process that runs for days the newest. */
const MAX_REMEMBERED = 1000;

export function createToldTasks(): ToldTasks {
  const running = new Map<string, TaskFact>();
  const names = new Map<string, string>();
  let prompt: TaskFact | undefined;

  const end = (started: TaskFact, outcome: TaskOutcome): void => {
    if (!running.delete(started.taskId)) return;
    const { agent: agentName, taskKind = "prompt", startedAtMillis = outcome.atMillis } = started;
    const { result } = outcome;
    const seconds = Math.max(0, outcome.atMillis - startedAtMillis) / 1000;
    const failed = result === "failure" || result === "timeout" ? { errorType: outcome.errorType ?? OTHER } : {};
    recordMetric("taskCount", 1, { agentName, taskKind, taskResult: result });
    recordMetric("taskDuration", seconds, { agentName, taskKind, taskResult: result });
    recordMetric("invokeAgentDuration", seconds, { agentName, ...failed });
    if (failed.errorType !== undefined) recordMetric("errors", 1, { product: PRODUCT, agentName, ...failed });
  };

  const tell = ({ taskId, sessionId }: TaskFact, outcome: TaskOutcome): void => {
    const lastSeenAtMillis = outcome.atMillis;
    emitFact({ kind: "task", witness: "process", product: PRODUCT, sessionId, taskId, lastSeenAtMillis, outcome });
  };

  return {
    note: (fact) => {
      const { taskId, agent, outcome, startedAtMillis } = fact;
      if (agent !== undefined) names.set(taskId, agent);
      const [oldest = ""] = names.keys();
      if (names.size > MAX_REMEMBERED) names.delete(oldest);
      if (startedAtMillis !== undefined) {
        running.set(taskId, fact);
        if (fact.taskKind === "prompt") prompt = fact;
      }
      const started = running.get(taskId);
      if (outcome !== undefined && started !== undefined) end(started, outcome);
    },
    agentOf: (taskId) => (taskId === undefined ? undefined : names.get(taskId)),
    endPrompt: (outcome) => {
      if (outcome === undefined || prompt === undefined) return;
      // A hook knows the class of a failure that the message has no word for.
      if (outcome.result === "success" || outcome.errorType !== undefined) tell(prompt, outcome);
      end(prompt, outcome);
    },
    endAll: (outcome) => {
      for (const started of [...running.values()]) {
        tell(started, outcome);
        end(started, outcome);
      }
    },
  };
}
