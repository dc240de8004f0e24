/**
 * Contexts that refer to the one they were made from. OpenTelemetry's own copy everything that it holds, which costs as
 * much as all else that a span of ours takes.
 */
import type { Context } from "@opentelemetry/api";

/** A context with one value that differs from the one it was made from. */
class LinkedContext implements Context {
  readonly #from: Context;
  readonly #key: symbol | undefined;
  readonly #value: unknown;

  constructor(from: Context, key?: symbol, value?: unknown) {
    this.#from = from;
    this.#key = key;
    this.#value = value;
  }

  getValue(key: symbol): unknown {
    return key === this.#key ? this.#value : this.#from.getValue(key);
  }

  setValue(key: symbol, value: unknown): Context {
    return new LinkedContext(this, key, value);
  }

  deleteValue(key: symbol): Context {
    return new LinkedContext(this, key, undefined);
  }
}

/** A context of the same values. What is made from it refers to it, instead of copying what it holds. */
export function linked(context: Context): Context {
  return context instanceof LinkedContext ? context : new LinkedContext(context);
}
