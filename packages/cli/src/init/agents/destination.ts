/** Where telemetry goes. */

/** An address, and what it asks for. */
export interface Destination {
  /** For example `http://127.0.0.1:4318`. */
  readonly url: string;
  /** What senders must show; undefined where nothing is asked. */
  readonly token: string | undefined;
}
