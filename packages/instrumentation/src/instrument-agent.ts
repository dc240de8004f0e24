/** Wraps an agent so that its runs are recorded. */

import { runAgent, runGenerator } from "./agent-run.ts";
import { boundProxy } from "./bound-proxy.ts";
import { countDrop, isRecording } from "./registry.ts";

const RUN_METHODS: ReadonlySet<PropertyKey> = new Set(["run", "invoke", "generate", "stream"]);

type AnyFunction = (...args: never[]) => unknown;

/**
 * Wraps an agent: an async function, an async generator function, or an object with any of the methods `run`,
 * `invoke`, `generate` and `stream`. Every call becomes a task of that agent with OpenTelemetry's `invoke_agent` span.
 *
 * Arguments, `this`, returned values, thrown errors and every other property stay as they are. Usage is read from
 * returned values and from the chunks of streams, in the shapes of the SDKs of OpenAI, Anthropic, Google and Vercel;
 * where model calls were recorded inside the run, what it returns is taken for their sum and not counted again. A
 * stream left before its end makes the run `cancelled`, with the usage seen so far.
 *
 * @param name the agent's name, which becomes a metric attribute: few and fixed.
 * @throws TypeError when `agent` is neither a function nor an object with such a method.
 */
export function instrumentAgent<T extends object>(name: string, agent: T): T {
  if (typeof name !== "string" || name.trim() === "") {
    throw new TypeError(`The agent's name is ${JSON.stringify(name)}; give it a short, fixed name such as "planner".`);
  }
  if (typeof agent === "function") return wrapFunction(name, agent as unknown as AnyFunction) as unknown as T;
  if (typeof agent !== "object" || agent === null || ![...RUN_METHODS].some((key) => key in agent)) {
    throw new TypeError(
      `The agent "${name}" is neither a function nor an object with run, invoke, generate or stream; wrap the function that runs it.`,
    );
  }
  return wrapObject(name, agent);
}

function wrapFunction(name: string, agent: AnyFunction): AnyFunction {
  return new Proxy(agent, {
    apply: (target, self: unknown, args: unknown[]) => call(name, target, self, args),
  });
}

function wrapObject<T extends object>(name: string, agent: T): T {
  const wrapped = new WeakMap<object, unknown>();
  const proxy: T = boundProxy(agent, (key, value) => {
    if (!RUN_METHODS.has(key) || typeof value !== "function") return undefined;
    let method = wrapped.get(value);
    if (method === undefined) {
      method = new Proxy(value, {
        apply: (target, self: unknown, args: unknown[]) =>
          call(name, target as AnyFunction, self === proxy ? agent : self, args),
      });
      wrapped.set(value, method);
    }
    return method;
  });
  for (const key of RUN_METHODS) {
    const own = Reflect.getOwnPropertyDescriptor(agent, key);
    if (own?.configurable === false && own.writable === false) countDrop(`frozen method ${String(key)} of an agent`);
  }
  return proxy;
}

function call(name: string, target: AnyFunction, self: unknown, args: unknown[]): unknown {
  const work = (): unknown => Reflect.apply(target, self, args);
  if (!isRecording()) return work();
  if (isGeneratorFunction(target)) return runGenerator(name, work() as AsyncIterable<unknown>);
  return runAgent(name, work);
}

function isGeneratorFunction(target: AnyFunction): boolean {
  return Object.prototype.toString.call(target) === "[object AsyncGeneratorFunction]";
}
