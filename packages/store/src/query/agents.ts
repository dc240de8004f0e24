/** `getAgents`: agents with everything known of them. */
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
import { collectPresence, type Present } from "./presence.ts";
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
    const { cells, source } = collect(context, { ...shared, groupBy: ["agent"], want: planOverall(filter) });
    const { sums } = planPresence(filter);
    const present = cells.filter((cell) => isPresent(cell, sums)).sort((a, b) => compareKeys(a.key, b.key));
    const groups = collectPresence(context, {
      ...shared,
      groupBy: ["agent", "model", "project"],
      isByQuarterHour: false,
    });
    const models = namesByAgent(groups, MODEL);
    const projects = namesByAgent(groups, PROJECT);
    const seenOf = readSeen(context, { ...shared, groups });
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

/** Places of names in the keys of combined groups. */
const MODEL = 1;
const PROJECT = 2;

/** The names that stand at a place of an agent's groups, ascending. */
function namesByAgent(groups: readonly Present[], place: number): Map<string, string[]> {
  const found = new Map<string, Set<string>>();
  for (const { key } of groups) {
    const { [0]: agent = "", [place]: name = "" } = key;
    if (name === "") continue;
    const names = found.get(agent);
    if (names === undefined) found.set(agent, new Set([name]));
    else names.add(name);
  }
  return new Map(Array.from(found, ([agent, names]) => [agent, [...names].sort()]));
}

function isPresent(cell: Cell, sums: readonly RollupSum[]): boolean {
  return sums.some((name) => cell.sum(name) > 0);
}
