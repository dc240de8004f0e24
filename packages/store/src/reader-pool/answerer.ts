/** Answers questions from one read-only connection. Runs in a reader's thread. */
import { statSync } from "node:fs";
import { StoreError } from "../errors.ts";
import { openStore } from "../open-store.ts";
import type { Store } from "../types.ts";
import { packError, type QuestionMessage, type ReaderMessage } from "./messages.ts";

/** Answers questions. */
export interface Answerer {
  /** Never rejects. */
  answer(question: QuestionMessage): Promise<Exclude<ReaderMessage, "ready">>;
  close(): void;
}

const TARGETS: readonly string[] = ["ledger", "query"];

/**
 * Creates the answerer for a file, which is opened with the first question.
 *
 * @param cancelled holds the number of a question that is not wanted any more. It is shared with the pool's thread:
 *   no message gets through while a question is read.
 */
export function createAnswerer(path: string, cancelled: Int32Array): Answerer {
  let store: Store | undefined;
  let inode: number | undefined;

  const close = (): void => {
    try {
      store?.close();
    } finally {
      store = undefined;
    }
  };

  /** A file that was replaced would answer with its old state for ever. */
  const open = (): Store => {
    const found = statSync(path, { throwIfNoEntry: false })?.ino;
    if (found !== inode) close();
    inode = found;
    store ??= openStore({ path, readOnly: true });
    return store;
  };

  /** Questions of the `query` look at their signal between statements and rows. */
  const withSignal = ([question, ...others]: readonly unknown[], id: number): readonly unknown[] => {
    const isCancelled = (): boolean => Atomics.load(cancelled, 0) === id;
    const signal = {
      get aborted() {
        return isCancelled();
      },
      throwIfAborted: () => {
        if (isCancelled()) throw new DOMException("The question is not wanted any more.", "AbortError");
      },
    };
    return [{ ...(question as object), signal }, ...others];
  };

  return {
    answer: async ({ id, target, method, parameters }) => {
      try {
        const read = methodOf(open(), target, method);
        const answer = await read(...(target === "query" ? withSignal(parameters, id) : parameters));
        return { id, answer };
      } catch (error) {
        if (error instanceof StoreError && error.code !== "busy") close();
        return { id, error: packError(error) };
      }
    },
    close,
  };
}

function methodOf(store: Store, target: string, name: string): (...parameters: unknown[]) => unknown {
  const methods = TARGETS.includes(target) ? (store as unknown as Record<string, object>)[target] : undefined;
  const method: unknown = methods === undefined || name in Object.prototype ? undefined : Reflect.get(methods, name);
  if (typeof method !== "function") {
    throw new TypeError(`A store has no question "${target}.${name}". Ask a method of ${TARGETS.join(" or ")}.`);
  }
  return (...parameters) => Reflect.apply(method, methods, parameters);
}
