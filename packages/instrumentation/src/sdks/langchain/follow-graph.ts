/** Follows a run of a graph of LangGraph, which is what agents of LangChain are: each is a task. */
import { runGenerator } from "../../agent-run.ts";
import type { StreamObserver } from "../../observe-stream.ts";
import type { OpenTask } from "../../open-task.ts";
import { thrownUnder } from "../../outcome.ts";
import { guarded } from "../../registry.ts";
import { runInScope } from "../../run-in-scope.ts";
import { shapeOf, textOf } from "../../usage/shape.ts";
import type { Around } from "../wrap-method.ts";

/** The name of a graph that has none. */
const UNNAMED_GRAPH = "LangGraph";

/** Goes around the generator that all ways of running a graph read from. */
export const runGraph: Around = (self, [, config], work) => {
  const name = textOf(shapeOf(config)?.["runName"]) ?? textOf(shapeOf(self)?.["name"]) ?? UNNAMED_GRAPH;
  const signal = shapeOf(config)?.["signal"];
  return runGenerator(name, work() as AsyncIterable<unknown>, (open) =>
    observeGraph(open, signal instanceof AbortSignal ? signal : undefined),
  );
};

/** Whether something is thrown that only leads out of a graph, as where it waits for a human. */
export function isPause(thrown: unknown): boolean {
  return shapeOf(thrown)?.["is_bubble_up"] === true;
}

/** What a graph yields is its state, and no reply of a model. */
function observeGraph(open: OpenTask | undefined, signal: AbortSignal | undefined): StreamObserver {
  return {
    run: (step) => (open === undefined ? step() : runInScope(open.scope, step)),
    chunk: () => {},
    ended: () => guarded(() => open?.succeed()),
    failed: (error) => guarded(() => (isPause(error) ? open?.cancel() : open?.fail(thrownUnder(signal, error)))),
    left: () => guarded(() => open?.cancel()),
  };
}
