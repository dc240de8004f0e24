/** What a run left in the store: takes in its transcripts, adds what only the run itself knows, and finds its figures. */
import { realpathSync } from "node:fs";
import type { Fact } from "@moai-metrics/model";
import type { Store } from "@moai-metrics/store";
import type { OpenLedger } from "../context.ts";
import type { AgentProduct } from "./recognize-command.ts";
import type { ProgramEnd } from "./run-child.ts";
import { endsOfOpenTasks, type ObservedRun, placesOfSessions, sessionOfRun } from "./run-session.ts";
import type { RunFigures } from "./summary-lines.ts";

/** A run that is over. */
export interface FinishedRun {
  readonly agent: AgentProduct | undefined;
  /** The program's name. */
  readonly name: string;
  readonly runId: string;
  readonly workingFolder: string;
  readonly startedAtMillis: number;
  readonly endedAtMillis: number;
  readonly end: ProgramEnd;
  /** Sessions that its telemetry told of. */
  readonly told: readonly { readonly product: string; readonly sessionId: string }[];
}

/** Completes what is stored of a run and sums it up. */
export function storeRun({ store, caughtUp }: OpenLedger, run: FinishedRun): RunFigures {
  const range = { startMillis: run.startedAtMillis, endMillis: run.endedAtMillis + 1 };
  const observed: ObservedRun = {
    ...run,
    product: run.agent ?? run.name,
    project: realpathSync(run.workingFolder),
  };
  const endsOfTold = (): readonly Fact[] => {
    const told = run.told.map(({ sessionId }) => sessionId);
    const { rows } = store.query.getTasks({ sessionIds: told, range, results: ["open"] });
    const tasks = rows.map(({ product, sessionId, taskId }) => ({ product, sessionId, taskId }));
    return endsOfOpenTasks(tasks, observed);
  };
  const known = sessionsOf(store, run, observed.project);
  const sessionIds = known.length === 0 ? [run.runId] : known;
  if (caughtUp !== undefined) {
    const facts =
      known.length === 0 ? sessionOfRun(observed) : [...placesOfSessions(run.told, observed), ...endsOfTold()];
    if (facts.length > 0) store.write({ facts });
  }
  return {
    sessionIds,
    usage: store.query.summary({ sessionIds, range }),
    toolCalls: store.query.getToolCalls({ sessionIds, range }).rows,
    wallMillis: run.endedAtMillis - run.startedAtMillis,
    end: run.end,
  };
}

/**
 * Sessions of a run: those that its telemetry told of, and the one that was handed to the program. Where nothing came,
 * those of its agent that were active in its folder while it ran.
 */
function sessionsOf(store: Store, { agent, told, runId, ...run }: FinishedRun, project: string): readonly string[] {
  const handed = store.query.getSessions({ sessionIds: [runId] }).rows;
  const known = new Set([...told, ...handed].map(({ sessionId }) => sessionId));
  if (known.size > 0 || agent === undefined) return [...known];
  const range = { startMillis: run.startedAtMillis, endMillis: run.endedAtMillis + 1 };
  const { rows } = store.query.getSessions({ products: [agent], projects: [project], range });
  return rows.map(({ sessionId }) => sessionId);
}
