/** A body that is no request. */

/** Whose fault it is and what it means: `malformed` can never be read, `too_large` can be sent in parts. */
export type MalformedKind = "malformed" | "too_large";

/** A body that cannot be read as what it says it is. The message completes "The body …" and holds nothing of it. */
export class MalformedRequestError extends Error {
  readonly kind: MalformedKind;

  constructor(message: string, kind: MalformedKind = "malformed") {
    super(message);
    this.name = "MalformedRequestError";
    this.kind = kind;
  }
}
