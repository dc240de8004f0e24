/** Follows a run of the OpenAI Agents SDK: a task for each agent that it comes to, one after the other. */
import { context } from "@opentelemetry/api";
import { currentScope } from "../../current-scope.ts";
import { followPromise, isPromiseLike } from "../../follow-promise.ts";
import { type OpenTask, openTask } from "../../open-task.ts";
import { guarded, isRecording, registry } from "../../registry.ts";
import { runInScope } from "../../run-in-scope.ts";
import type { Scope } from "../../scope.ts";
import { type Shape, shapeOf, textOf } from "../../usage/shape.ts";

/** A run under way. */
interface AgentRun {
  /** Its task, span and context are those of the agent that is working now. */
  readonly scope: Scope;
  handOver(agent: unknown): void;
  end(result: Shape | undefined): void;
  fail(error: unknown): void;
}

/** Runs by their scopes: so the event of a handoff finds its run. */
const runs = new WeakMap<Scope, AgentRun>();
const heardRunners = new WeakSet<object>();

/** Follows `runner.run(agent, input, options)`. */
export function followRun(runner: unknown, args: readonly unknown[], work: () => unknown): unknown {
  const run = isRecording() ? guarded(() => createRun(firstAgent(args))) : undefined;
  if (run === undefined) return work();
  guarded(() => hearHandoffs(runner));
  const returned = runInScope(run.scope, work);
  if (!isPromiseLike(returned)) {
    run.end(undefined);
    return returned;
  }
  return followPromise(returned, {
    onValue: (value) => {
      const result = shapeOf(value);
      const completed = result?.["completed"];
      // A streamed run goes on in the background, read or not.
      if (isPromiseLike(completed)) completed.then(() => run.end(result), run.fail);
      else run.end(result);
      return value;
    },
    onError: run.fail,
  });
}

/** A run that was interrupted goes on with the agent that it had come to. */
function firstAgent([agent, input]: readonly unknown[]): unknown {
  return shapeOf(input)?.["_currentAgent"] ?? agent;
}

function createRun(first: unknown): AgentRun {
  const enclosing = currentScope();
  const outside = context.active();
  const open = (agent: unknown): OpenTask => openTask({ agent: textOf(shapeOf(agent)?.["name"]) }, true);
  const openOutside = (agent: unknown): OpenTask =>
    context.with(outside, () =>
      enclosing === undefined
        ? registry.scopes.exit(() => open(agent))
        : registry.scopes.run(enclosing, () => open(agent)),
    );
  let task = open(first);
  const scope: Scope = {
    session: task.scope.session,
    get task() {
      return task.scope.task;
    },
    get span() {
      return task.scope.span;
    },
    get context() {
      return task.scope.context;
    },
  };
  const run: AgentRun = {
    scope,
    handOver: (agent) => {
      task.succeed();
      task = openOutside(agent);
    },
    end: (result) =>
      guarded(() => {
        if (result?.["cancelled"] === true) return task.cancel();
        // Someone has to approve of a tool before anyone can say how it went.
        if (isInterrupted(result)) task.task.setResult("unknown");
        task.succeed();
      }),
    fail: (error) => guarded(() => task.fail(error)),
  };
  runs.set(scope, run);
  return run;
}

function isInterrupted(result: Shape | undefined): boolean {
  const interruptions = result?.["interruptions"];
  return Array.isArray(interruptions) && interruptions.length > 0;
}

/** Runners emit an event for each handoff, in the midst of the run. */
function hearHandoffs(runner: unknown): void {
  if (typeof runner !== "object" || runner === null || heardRunners.has(runner)) return;
  heardRunners.add(runner);
  const { on } = runner as { on?: (event: string, listener: (...args: unknown[]) => void) => unknown };
  on?.call(runner, "agent_handoff", (_context, _from, to) => {
    guarded(() => {
      const scope = currentScope();
      if (scope !== undefined) runs.get(scope)?.handOver(to);
    });
  });
}
