/** Wraps an agent so that its runs are recorded. */
import { type AgentEvents, checkAgentEvents, createRunFollower, type Emitter, isEmitter } from "./agent-events.ts";
import { runAgent, runGenerator, runWithEvents } from "./agent-run.ts";
import { boundProxy } from "./bound-proxy.ts";
import { followPromise, isPromiseLike } from "./follow-promise.ts";
import { countDrop, guarded, isRecording } from "./registry.ts";

const RUN_METHODS: readonly string[] = ["run", "invoke", "generate", "stream"];

type AnyFunction = (...args: never[]) => unknown;

/** How an agent runs whose methods have other names, or whose runs do not end with what they return. */
export interface AgentOptions {
  /** Methods that start a run, all of which it must have. Default: `run`, `invoke`, `generate`, `stream`, where it has them. */
  readonly methods?: readonly string[] | undefined;
  /** For an agent that is an `EventEmitter`, or that returns one: the events that tell how a run goes. */
  readonly events?: AgentEvents | undefined;
  /** `agent` is a function that makes agents, or a class of them: what it makes is wrapped. Default false. */
  readonly isFactory?: boolean | undefined;
}

/**
 * Wraps an agent: an async function, an async generator function, or an object with any of the methods `run`,
 * `invoke`, `generate` and `stream`. Every call becomes a task of that agent with OpenTelemetry's `invoke_agent` span.
 *
 * Arguments, `this`, returned values, thrown errors and every other property stay as they are. Usage is read from
 * returned values and from the chunks of streams, in the shapes of the SDKs of OpenAI, Anthropic, Google and Vercel;
 * where model calls were recorded inside the run, what it returns is taken for their sum and not counted again. A
 * stream left before its end makes the run `cancelled`, with the usage seen so far. An agent that emits events runs
 * until the one that `events.end` names, or until what emits them has been thrown away, which is `cancelled`.
 *
 * @example
 * ```ts
 * const planner = instrumentAgent("planner", async (goal: string) => `A plan for ${goal}`);
 * await planner("a house");
 *
 * import { EventEmitter } from "node:events";
 *
 * class Crawler extends EventEmitter {
 *   start(address: string): void {
 *     setTimeout(() => this.emit("done", address), 100);
 *   }
 * }
 * const crawler = instrumentAgent("crawler", new Crawler(), { methods: ["start"], events: { end: "done" } });
 * crawler.start("https://example.com");
 * ```
 * @param name the agent's name, which becomes a metric attribute: few and fixed.
 * @throws TypeError when `agent` is neither a function nor an object with such a method, or an option makes no sense.
 */
export function instrumentAgent<T extends object>(name: string, agent: T, options: AgentOptions = {}): T {
  if (typeof name !== "string" || name.trim() === "") {
    throw new TypeError(`The agent's name is ${JSON.stringify(name)}; give it a short, fixed name such as "planner".`);
  }
  if (options.isFactory === true) return wrapFactory(name, agent, { ...options, isFactory: false });
  const run = createRunner(name, agent, options.events);
  if (typeof agent === "function") return wrapFunction(agent as unknown as AnyFunction, run) as unknown as T;
  return wrapObject(agent, methodsOf(name, agent, options.methods), run);
}

/** Does what one call of the agent does. */
type Runner = (target: AnyFunction, self: unknown, args: unknown[]) => unknown;

function createRunner(name: string, agent: object, events: AgentEvents | undefined): Runner {
  if (events !== undefined) checkAgentEvents(events);
  const follow = events === undefined ? undefined : createRunFollower(events);
  const emitter = isEmitter(agent) ? (agent as Emitter) : undefined;
  return (target, self, args) => {
    const work = (): unknown => Reflect.apply(target, self, args);
    if (!isRecording()) return work();
    if (follow !== undefined) return runWithEvents(name, emitter, follow, work);
    if (isGeneratorFunction(target)) return runGenerator(name, work() as AsyncIterable<unknown>);
    return runAgent(name, work);
  };
}

/** @throws TypeError where there is none, or one that was named is missing. */
function methodsOf(name: string, agent: unknown, named: readonly string[] | undefined): ReadonlySet<PropertyKey> {
  const isObject = typeof agent === "object" && agent !== null;
  const missing = named?.filter((key) => !isObject || typeof Reflect.get(agent, key) !== "function") ?? [];
  if (missing.length > 0) {
    throw new TypeError(`The agent "${name}" has no method ${missing.join(", ")}; name methods that it has.`);
  }
  if (named === undefined ? !isObject || !RUN_METHODS.some((key) => key in agent) : named.length === 0) {
    throw new TypeError(
      `The agent "${name}" is neither a function nor an object with run, invoke, generate or stream; wrap the function that runs it, or name its methods.`,
    );
  }
  return new Set(named ?? RUN_METHODS);
}

/** What is made is wrapped; a promise of it is as well. */
function wrapFactory<T extends object>(name: string, factory: T, options: AgentOptions): T {
  if (typeof factory !== "function") {
    throw new TypeError(`The factory of "${name}" is no function; give a function or a class that makes agents.`);
  }
  const wrap = (made: unknown): unknown => {
    if (isPromiseLike(made)) return followPromise(made, { onValue: wrap, onError: () => {} });
    const wrapped = guarded(() => instrumentAgent(name, made as object, options));
    if (wrapped === undefined) countDrop(`factory of ${name} made something that is no agent`);
    return wrapped ?? made;
  };
  return new Proxy(factory, {
    apply: (target, self: unknown, args: unknown[]) => wrap(Reflect.apply(target as never, self, args)),
    construct: (target, args: unknown[], newTarget) =>
      wrap(Reflect.construct(target as never, args, newTarget)) as object,
  });
}

function wrapFunction(agent: AnyFunction, run: Runner): AnyFunction {
  return new Proxy(agent, { apply: (target, self: unknown, args: unknown[]) => run(target, self, args) });
}

function wrapObject<T extends object>(agent: T, methods: ReadonlySet<PropertyKey>, run: Runner): T {
  const wrapped = new WeakMap<object, unknown>();
  const proxy: T = boundProxy(agent, (key, value) => {
    if (!methods.has(key) || typeof value !== "function") return undefined;
    let method = wrapped.get(value);
    if (method === undefined) {
      method = new Proxy(value, {
        apply: (target, self: unknown, args: unknown[]) =>
          run(target as AnyFunction, self === proxy ? agent : self, args),
      });
      wrapped.set(value, method);
    }
    return method;
  });
  for (const key of methods) {
    const own = Reflect.getOwnPropertyDescriptor(agent, key);
    if (own?.configurable === false && own.writable === false) countDrop(`frozen method ${String(key)} of an agent`);
  }
  return proxy;
}

function isGeneratorFunction(target: AnyFunction): boolean {
  return Object.prototype.toString.call(target) === "[object AsyncGeneratorFunction]";
}
