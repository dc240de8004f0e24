/** What the ledger says beside what the model API knows to be true. */
import { databasePath } from "@moai-metrics/settings";
import { openStore } from "@moai-metrics/store";
import type { ServedCall } from "./model-api/script.ts";
import type { Scenario, Untold } from "./real-agents.ts";

/** One thing that was compared. */
export interface Check {
  readonly what: string;
  /** How many things were equal. */
  readonly equal: number;
  /** What is true and not in the ledger, and the other way round. */
  readonly missing: readonly string[];
  readonly extra: readonly string[];
}

/** Which parts of the truth a ledger must hold. */
export interface Expectation {
  readonly product: string;
  readonly tasks: Scenario["tasks"];
  readonly served: readonly ServedCall[];
  /** What those who wrote the ledger cannot know. */
  readonly untold: readonly Untold[];
}

/** Compares everything, value by value. */
export function compareLedger(
  storage: string,
  { product: trueProduct, tasks: trueTasks, served, untold }: Expectation,
): Check[] {
  const store = openStore({ path: databasePath(storage), readOnly: true });
  try {
    const { query } = store;
    const hasAgents = !untold.includes("agents");
    const nameOf = (name: string): string => (hasAgents ? ` of ${name}` : "");
    const sessions = query.getSessions({}).rows.map(({ product }) => product);
    // What failed used nothing.
    const answered = query.getModelCalls({}).rows.filter(({ tokens }) => tokens !== undefined);
    const calls = answered.map((call) => {
      const { input, cacheRead, cacheWrite5m, cacheWrite1h, output, reasoning } = call.tokens ?? {};
      const parts = [input, cacheRead, cacheWrite5m, cacheWrite1h, output, reasoning];
      return `${call.model} ${parts.join("/")}${nameOf(call.agent)}`;
    });
    const resultOf = (isSuccess: boolean | undefined): string => {
      if (untold.includes("tool results")) return "";
      return isSuccess === undefined ? " unknown" : isSuccess ? " success" : " failure";
    };
    const tools = query
      .getToolCalls({})
      .rows.map(({ tool, isSuccess, agent: name }) => `${tool}${resultOf(isSuccess)}${nameOf(name)}`);
    const tasks = query.getTasks({}).rows.map((task) => `${task.agent} ${task.result}`);

    const trueCalls = served.map(({ model, role, usage }) => {
      const { input, cacheRead, cacheWrite5m, cacheWrite1h, output, reasoning } = usage;
      const parts = [input, cacheRead, cacheWrite5m, cacheWrite1h, output, reasoning];
      return `${model} ${parts.join("/")}${nameOf(role)}`;
    });
    const trueTools = served.flatMap(({ tool, role }) =>
      tool === undefined ? [] : [`${tool.name}${resultOf(!tool.fails)}${nameOf(role)}`],
    );
    return [
      compare("sessions", [trueProduct], sessions),
      ...(untold.includes("calls") ? [] : [compare("model calls with their tokens", trueCalls, calls)]),
      ...(untold.includes("tools") ? [] : [compare("tool calls with their results", trueTools, tools)]),
      ...(untold.includes("tasks") ? [] : [compare("tasks by agent with their results", trueTasks, tasks)]),
    ];
  } finally {
    store.close();
  }
}

/** Compares two lists as bags. */
function compare(what: string, truth: readonly string[], found: readonly string[]): Check {
  const left = [...found];
  const missing = truth.filter((entry) => {
    const at = left.indexOf(entry);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
  return { what, equal: truth.length - missing.length, missing, extra: left };
}
