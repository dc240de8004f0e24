/** What travels between the pool and its threads. */
import { StoreError, type StoreErrorCode } from "../errors.ts";

/** What a thread starts with. */
export interface ReaderData {
  readonly path: string;
  /** Shared: holds the number of a question that is not wanted any more. */
  readonly cancelled: Int32Array;
}

/** A question on its way. */
export interface QuestionMessage {
  readonly id: number;
  readonly target: string;
  readonly method: string;
  readonly parameters: readonly unknown[];
}

/** An error on its way: copying an error would lose its class and its code. */
export interface ErrorMessage {
  readonly name: string;
  readonly message: string;
  /** Only of a StoreError. */
  readonly code?: StoreErrorCode | undefined;
}

/** What a thread says: that it can be asked, or what came of a question. */
export type ReaderMessage =
  | "ready"
  | { readonly id: number; readonly answer: unknown }
  | { readonly id: number; readonly error: ErrorMessage };

/** Packs what was thrown. */
export function packError(thrown: unknown): ErrorMessage {
  if (thrown instanceof StoreError) return { name: thrown.name, message: thrown.message, code: thrown.code };
  if (thrown instanceof Error) return { name: thrown.name, message: thrown.message };
  return { name: "Error", message: String(thrown) };
}

/** Unpacks it: a StoreError is one again, so are the errors of wrong parameters. */
export function unpackError({ name, message, code }: ErrorMessage): Error {
  if (code !== undefined) return new StoreError(code, message);
  if (name === "RangeError") return new RangeError(message);
  if (name === "TypeError") return new TypeError(message);
  const error = new Error(message);
  error.name = name;
  return error;
}
