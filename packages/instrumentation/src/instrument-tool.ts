/** Wraps a tool so that its calls are recorded. */
import { boundProxy } from "./bound-proxy.ts";
import { currentScope } from "./current-scope.ts";
import { withTool } from "./tool.ts";

/** Under these names, objects that are tools keep the function that runs them. */
const RUN_METHODS: ReadonlySet<PropertyKey> = new Set(["execute", "invoke", "run", "call"]);

type AnyFunction = (...args: unknown[]) => unknown;

/**
 * Wraps a tool: a function, or an object with any of the methods `execute`, `invoke`, `run` and `call`. Every call
 * becomes a tool call in the task around it, from the call to the end of the promise that it returns. Arguments, `this`,
 * results, errors and every other property stay as they are. A tool that calls itself, or that an SDK records already
 * under the same name, is one call.
 *
 * @example
 * ```ts
 * const readNotes = instrumentTool("read_notes", async (topic: string) => `Notes about ${topic}`);
 * await readNotes("houses");
 * ```
 * @param name the tool's name, which becomes a metric attribute: few and fixed.
 * @throws TypeError when `tool` is neither a function nor an object with such a method.
 */
export function instrumentTool<T extends object>(name: string, tool: T): T {
  if (typeof name !== "string" || name.trim() === "") {
    throw new TypeError(
      `The tool's name is ${JSON.stringify(name)}; give it a short, fixed name such as "read_notes".`,
    );
  }
  if (typeof tool === "function") return wrap(name, tool as unknown as AnyFunction) as unknown as T;
  if (typeof tool !== "object" || tool === null || ![...RUN_METHODS].some((key) => key in tool)) {
    throw new TypeError(
      `The tool "${name}" is neither a function nor an object with execute, invoke, run or call; wrap the function that runs it.`,
    );
  }
  const wrapped = new WeakMap<object, unknown>();
  return boundProxy(tool, (key, value) => {
    if (!RUN_METHODS.has(key) || typeof value !== "function") return undefined;
    if (!wrapped.has(value)) wrapped.set(value, wrap(name, value.bind(tool) as AnyFunction));
    return wrapped.get(value);
  });
}

function wrap(name: string, tool: AnyFunction): AnyFunction {
  return new Proxy(tool, {
    apply: (target, self: unknown, args: unknown[]) => {
      const work = (): unknown => Reflect.apply(target, self, args);
      return currentScope()?.tools?.includes(name) ? work() : withTool(name, work);
    },
  });
}
