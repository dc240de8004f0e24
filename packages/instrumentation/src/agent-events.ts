/** Runs of agents that tell by events how they go. */
import { EventEmitter, errorMonitor } from "node:events";
import { currentScope } from "./current-scope.ts";
import type { StreamObserver } from "./observe-stream.ts";
import type { OpenTask } from "./open-task.ts";
import { countDrop, guarded } from "./registry.ts";
import { runInScope } from "./run-in-scope.ts";
import { type OpenTool, openTool } from "./tool.ts";

/** A call of a tool, as the listener's arguments tell of it. */
export interface ToolEvent {
  /** Needed when the call starts. */
  readonly name?: string | undefined;
  /** What start and end of a call have in common. Without it, the oldest running call of the name is the one that ends. */
  readonly id?: string | undefined;
  /** Given when the call failed. */
  readonly error?: unknown;
}

/** What the events of an agent mean, by the names under which it emits them. */
export interface AgentEvents {
  /** The run is over. The first argument is read for usage, as a returned value is. */
  readonly end: string | readonly string[];
  /** The run has failed, of the first argument. Default `error`; an error that no one handles stays one. */
  readonly error?: string | readonly string[] | undefined;
  /** The first argument is a reply of a model, or a piece of one. Default: none. */
  readonly reply?: string | readonly string[] | undefined;
  /** Calls of tools. Default: none. */
  readonly tool?:
    | {
        readonly start: string;
        readonly end: string;
        /** Reads the arguments of either event. */
        read(...args: never[]): ToolEvent;
      }
    | undefined;
}

/** Something with events. */
export interface Emitter {
  on(event: string | symbol, listener: (...args: unknown[]) => void): unknown;
  off(event: string | symbol, listener: (...args: unknown[]) => void): unknown;
}

interface EventRun {
  readonly open: OpenTask;
  readonly observer: StreamObserver;
  readonly tools: { readonly name: string; readonly id: string | undefined; readonly call: OpenTool }[];
}

/** Whether a value is an emitter, as Node's are. */
export function isEmitter(value: unknown): value is Emitter {
  return (
    typeof value === "object" &&
    value !== null &&
    typeof Reflect.get(value, "on") === "function" &&
    typeof Reflect.get(value, "off") === "function"
  );
}

/**
 * Checks what an application says.
 *
 * @throws TypeError that names what is wrong.
 */
export function checkAgentEvents(events: AgentEvents): void {
  if (namesOf(events.end).length === 0) {
    throw new TypeError("events.end is missing; give the name of the event with which a run of the agent is over.");
  }
  for (const field of ["end", "error", "reply"] as const) {
    if (namesOf(events[field]).every((name) => typeof name === "string" && name !== "")) continue;
    throw new TypeError(`events.${field} is ${JSON.stringify(events[field])}; give names of events.`);
  }
  const { tool } = events;
  if (tool !== undefined && !(tool.start && tool.end && typeof tool.read === "function")) {
    throw new TypeError("events.tool is incomplete; give start and end, names of events, and read, a function.");
  }
}

/**
 * Creates what follows the runs of an agent by its events. Runs on the same emitter at the same time are told apart by
 * the code that emits, where it runs inside of one of them; else the oldest is meant, and that is counted.
 *
 * @returns a function that follows one run from now on; what that returns stops following it.
 */
export function createRunFollower(
  events: AgentEvents,
): (emitter: Emitter, open: OpenTask, observer: StreamObserver) => () => void {
  const runsOf = new WeakMap<Emitter, EventRun[]>();

  const listen = (emitter: Emitter, runs: EventRun[]): (() => void) => {
    const ending = (end: (observer: StreamObserver, value: unknown) => void) => (value: unknown) => {
      const run = pick(runs);
      if (run === undefined) return;
      remove(runs, run);
      guarded(() => end(run.observer, value));
      if (runs.length === 0) stop();
    };
    const listeners: [event: string | symbol, listener: (...args: unknown[]) => void][] = [
      ...namesOf(events.end).map((name) => [name, ending(({ ended }, value) => ended(value))] as const),
      ...namesOf(events.error ?? "error").map(
        (name) => [monitored(emitter, name), ending(({ failed }, error) => failed(error))] as const,
      ),
      ...namesOf(events.reply).map((name) => [name, (value: unknown) => pick(runs)?.observer.chunk(value)] as const),
    ].map(([name, listener]) => [name, listener]);
    if (events.tool !== undefined) {
      const { start, end, read } = events.tool;
      const told = (args: unknown[]): ToolEvent => Reflect.apply(read, undefined, args) ?? {};
      listeners.push([start, (...args) => guarded(() => startTool(pick(runs), told(args)))]);
      listeners.push([end, (...args) => guarded(() => endTool(pick(runs), told(args)))]);
    }
    const stop = (): void => {
      for (const [event, listener] of listeners) emitter.off(event, listener);
      runsOf.delete(emitter);
    };
    for (const [event, listener] of listeners) emitter.on(event, listener);
    return stop;
  };

  const stops = new WeakMap<EventRun[], () => void>();
  return (emitter, open, observer) => {
    const run: EventRun = { open, observer, tools: [] };
    const runs = runsOf.get(emitter) ?? [];
    runs.push(run);
    if (runs.length === 1) {
      runsOf.set(emitter, runs);
      stops.set(runs, listen(emitter, runs));
    }
    return () => {
      remove(runs, run);
      if (runs.length === 0) stops.get(runs)?.();
    };
  };
}

/** The run that an event belongs to. */
function pick(runs: readonly EventRun[]): EventRun | undefined {
  if (runs.length < 2) return runs[0];
  for (let task = currentScope()?.task; task !== undefined; task = task.parent) {
    const run = runs.find(({ open }) => open.state === task);
    if (run !== undefined) return run;
  }
  countDrop("event of one of several runs");
  return runs[0];
}

function remove(runs: EventRun[], run: EventRun): void {
  const index = runs.indexOf(run);
  if (index >= 0) runs.splice(index, 1);
}

function startTool(run: EventRun | undefined, { name, id }: ToolEvent): void {
  if (run === undefined || typeof name !== "string") {
    countDrop("event of a tool without its name");
    return;
  }
  const call = runInScope(run.open.scope, () => openTool({ name, callId: id }));
  run.tools.push({ name, id, call });
}

function endTool(run: EventRun | undefined, { name, id, error }: ToolEvent): void {
  const isSame = (tool: EventRun["tools"][number]): boolean =>
    id === undefined ? name === undefined || tool.name === name : tool.id === id;
  const index = run?.tools.findIndex(isSame) ?? -1;
  const [tool] = index < 0 ? [] : (run?.tools.splice(index, 1) ?? []);
  if (tool === undefined) countDrop("end of a tool that did not start");
  else if (error === undefined) tool.call.succeed();
  else tool.call.fail(error);
}

/** To listen to `error` would be to handle it. */
function monitored(emitter: Emitter, name: string): string | symbol {
  return name === "error" && emitter instanceof EventEmitter ? errorMonitor : name;
}

function namesOf(names: string | readonly string[] | undefined): readonly string[] {
  return names === undefined ? [] : Array.isArray(names) ? names : [names as string];
}
