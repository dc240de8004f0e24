/** A proxy that behaves like its target also for methods that reach into private fields. */

/**
 * Wraps an object so that single properties can be replaced while everything else stays as it was: methods called on
 * the proxy see the target as `this` (private fields would not work otherwise), writes go to the target, and the same
 * property yields the same value every time.
 *
 * @param replace the replacement of a property's value, or undefined to leave it alone.
 */
export function boundProxy<T extends object>(target: T, replace: (key: PropertyKey, value: unknown) => unknown): T {
  const rebound = new WeakMap<object, unknown>();
  const proxy: T = new Proxy(target, {
    get: (object, key) => {
      const value: unknown = Reflect.get(object, key, object);
      const own = Reflect.getOwnPropertyDescriptor(object, key);
      // The language demands that a frozen property keeps its value.
      if (own?.configurable === false && own.writable === false) return value;
      const replaced = replace(key, value);
      if (replaced !== undefined) return replaced;
      if (typeof value !== "function") return value;
      let bound = rebound.get(value);
      if (bound === undefined) {
        bound = new Proxy(value, {
          apply: (method, self: unknown, args: unknown[]) =>
            Reflect.apply(method as () => unknown, self === proxy ? object : self, args),
        });
        rebound.set(value, bound);
      }
      return bound;
    },
    set: (object, key, value) => Reflect.set(object, key, value, object),
  });
  return proxy;
}
