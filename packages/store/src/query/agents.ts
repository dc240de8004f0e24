/** `getAgents`: agents with everything known of them. */
import type { Dimension } from "../read/types.ts";
import type { RollupSum } from "../rollup/types.ts";
import type { Cell } from "./cells.ts";
import { collect } from "./collect.ts";
import type { QueryContext } from "./context.ts";
import { requireFilter } from "./filter-rules.ts";
import { readSeen } from "./first-last-seen.ts";
import { compareKeys } from "./groups.ts";
import {
  callFigures,
  isAboutCallsOnly,
  overallError,
  planOverall,
  planPresence,
  taskFigures,
  toolFigures,
} from "./overall.ts";
import type { AgentRecord, AgentsAnswer, OverallQuestion } from "./types.ts";
import { wholeRange } from "./values.ts";

const METHOD = "getAgents";

/** @throws RangeError for what cannot be honoured. */
export function readAgents(context: QueryContext, question: OverallQuestion): AgentsAnswer {
  const filter = requireFilter(METHOD, "overall", question);
  const { signal } = question;
  signal?.throwIfAborted();
  return context.inOneState(() => {
    const shared = { method: METHOD, ...wholeRange(context, filter), filter, signal };
    const presence = planPresence(filter);
    const { cells, source } = collect(context, { ...shared, groupBy: ["agent"], want: planOverall(filter) });
    const present = cells.filter((cell) => isPresent(cell, presence.sums)).sort((a, b) => compareKeys(a.key, b.key));
    const namesBy = (dimension: Dimension, sums: readonly RollupSum[]): Map<string, string[]> => {
      const groups = collect(context, {
        ...shared,
        groupBy: ["agent", dimension],
        want: { sums, extremes: [], quantiles: [] },
      });
      const names = new Map<string, string[]>();
      for (const cell of groups.cells.toSorted((a, b) => compareKeys(a.key, b.key))) {
        const [agent = "", name = ""] = cell.key;
        if (name === "" || !isPresent(cell, sums)) continue;
        names.set(agent, [...(names.get(agent) ?? []), name]);
      }
      return names;
    };
    const models = namesBy("model", ["calls", "call_errors"]);
    const projects = namesBy("project", presence.sums);
    const seenOf = readSeen(context, { ...shared, presence });
    const agents = present.map((cell): AgentRecord => {
      const [agent = ""] = cell.key;
      const seen = seenOf(agent);
      return {
        agent,
        firstSeenMillis: seen?.firstMillis,
        lastSeenMillis: seen?.lastMillis,
        calls: callFigures(cell),
        tasks: isAboutCallsOnly(filter) ? undefined : taskFigures(cell),
        tools: isAboutCallsOnly(filter) ? undefined : toolFigures(cell),
        models: models.get(agent) ?? [],
        projects: projects.get(agent) ?? [],
      };
    });
    return { agents, source, relativeError: overallError(present, filter) };
  });
}

function isPresent(cell: Cell, sums: readonly RollupSum[]): boolean {
  return sums.some((name) => cell.sum(name) > 0);
}
