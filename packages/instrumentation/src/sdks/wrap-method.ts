/** Puts our code around methods of other people's classes. */

type Method = (this: unknown, ...args: unknown[]) => unknown;

/** What runs in the place of a method: it calls `work`, the method itself, exactly once and returns what that gives. */
export type Around = (self: unknown, args: readonly unknown[], work: () => unknown) => unknown;

/** Shared by all copies of this package in the process. */
const WRAPPED = Symbol.for("moai-metrics.wrapped");

/**
 * Wraps a method of a prototype or of a plain object. A method that is wrapped already stays as it is.
 *
 * @returns false where there is no such method.
 */
export function wrapMethod(owner: unknown, name: string, around: Around): boolean {
  if (typeof owner !== "object" || owner === null) return false;
  const descriptor = Object.getOwnPropertyDescriptor(owner, name);
  const original: unknown = descriptor?.value;
  if (descriptor === undefined || typeof original !== "function" || descriptor.configurable === false) return false;
  if (WRAPPED in original) return true;
  const wrapper: Method = function (...args) {
    return around(this, args, () => Reflect.apply(original, this, args));
  };
  for (const key of ["name", "length"]) {
    Object.defineProperty(wrapper, key, { value: original[key as "name"], configurable: true });
  }
  Object.defineProperty(wrapper, WRAPPED, { value: original });
  Object.defineProperty(owner, name, { ...descriptor, value: wrapper });
  return true;
}

/** The prototype of a class, or undefined for anything else. */
export function prototypeOf(value: unknown): unknown {
  return typeof value === "function" ? value.prototype : undefined;
}

/** The object that has a method itself: the given one, or what its class gives it. */
export function ownerOf(object: unknown, name: string): object | undefined {
  let owner: unknown = object;
  while (typeof owner === "object" && owner !== null) {
    if (Object.hasOwn(owner, name)) return owner;
    owner = Object.getPrototypeOf(owner);
  }
  return undefined;
}
