/** `getAgents`: agents with everything known of them. */
import type { RollupSum } from "../rollup/types.ts";
import type { Cell } from "./cells.ts";
import { collectViews } from "./collect.ts";
import type { QueryContext } from "./context.ts";
import { requireFilter } from "./filter-rules.ts";
import { readSeen } from "./first-last-seen.ts";
import { compareKeys } from "./groups.ts";
import { PRESENCE } from "./measures.ts";
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
    const [{ cells, source }, combined] = collectViews(context, shared, [
      { groupBy: ["agent"], want: planOverall(filter) },
      { groupBy: ["agent", "model", "project"], want: presence },
    ]);
    const present = cells.filter((cell) => isPresent(cell, presence.sums)).sort((a, b) => compareKeys(a.key, b.key));
    const models = namesByAgent(combined.cells, MODEL, PRESENCE.calls);
    const projects = namesByAgent(combined.cells, PROJECT, presence.sums);
    const seenOf = readSeen(context, { ...shared, presence, agents: present.map(({ key: [agent = ""] }) => agent) });
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
function namesByAgent(cells: readonly Cell[], place: number, sums: readonly RollupSum[]): Map<string, string[]> {
  const found = new Map<string, Set<string>>();
  for (const cell of cells) {
    const { [0]: agent = "", [place]: name = "" } = cell.key;
    if (name === "" || !isPresent(cell, sums)) continue;
    const names = found.get(agent);
    if (names === undefined) found.set(agent, new Set([name]));
    else names.add(name);
  }
  return new Map(Array.from(found, ([agent, names]) => [agent, [...names].sort()]));
}

function isPresent(cell: Cell, sums: readonly RollupSum[]): boolean {
  return sums.some((name) => cell.sum(name) > 0);
}
