/** A proxy that behaves like its target also for methods that reach into private fields. */
import { guarded } from "./registry.ts";

/**
 * Wraps an object so that single properties can be replaced while everything else stays as it was: inherited methods
 * called on the proxy see the target as `this` (private fields would not work otherwise) and give the proxy where they
 * return their target, writes go to the target, and the same property yields the same value every time. Classes, and
 * functions that are the object's own properties, are handed out as they are.
 *
 * @param replace the replacement of a property's value, or undefined to leave it alone.
 * @param give what a method's caller gets for its result.
 */
export function boundProxy<T extends object>(
  target: T,
  replace: (key: PropertyKey, value: unknown) => unknown,
  give: (key: PropertyKey, result: unknown, args: readonly unknown[]) => unknown = (_, result) => result,
): T {
  const rebound = new WeakMap<object, unknown>();
  const proxy: T = new Proxy(target, {
    get: (object, key) => {
      const value: unknown = Reflect.get(object, key, object);
      const own = Reflect.getOwnPropertyDescriptor(object, key);
      // The language demands that a frozen property keeps its value.
      if (own?.configurable === false && own.writable === false) return value;
      const replaced = guarded(() => replace(key, value));
      if (replaced !== undefined) return replaced;
      if (typeof value !== "function" || own !== undefined || isClass(value)) return value;
      let bound = rebound.get(value);
      if (bound === undefined) {
        const call = (self: unknown, args: unknown[]): unknown => {
          const result: unknown = Reflect.apply(value, self === proxy ? object : self, args);
          if (result === object) return proxy;
          const given = guarded(() => ({ value: give(key, result, args) }));
          return given === undefined ? result : given.value;
        };
        bound = isDisposer(key) ? disposer(call) : new Proxy(value, { apply: (_, self, args) => call(self, args) });
        rebound.set(value, bound);
      }
      return bound;
    },
    set: (object, key, value) => Reflect.set(object, key, value, object),
  });
  return proxy;
}

/** Constructors are compared and carry static private fields; theirs is the one `prototype` that cannot be assigned. */
function isClass(value: object): boolean {
  return Reflect.getOwnPropertyDescriptor(value, "prototype")?.writable === false;
}

function isDisposer(key: PropertyKey): boolean {
  return key === Symbol.asyncDispose || key === Symbol.dispose;
}

/** `using` refuses a proxy of a function. */
function disposer(call: (self: unknown, args: unknown[]) => unknown): unknown {
  return function dispose(this: unknown, ...args: unknown[]): unknown {
    return call(this, args);
  };
}
