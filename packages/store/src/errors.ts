/** Why the store could not do what it was asked. */
export type StoreErrorCode =
  | "busy"
  | "too_slow"
  | "full"
  | "read_only"
  | "closed"
  | "cannot_open"
  | "damaged"
  | "not_our_file"
  | "newer_version"
  | "not_found";

/** An error of the store. The message names the file and the remedy, in one line. */
export class StoreError extends Error {
  readonly code: StoreErrorCode;

  constructor(code: StoreErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "StoreError";
    this.code = code;
  }
}
