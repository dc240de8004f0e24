/** What `GET /status` answers. */

/** How a receiver is. Counts and times are since it began. */
export interface ReceiverStatus {
  readonly status: "ok" | "cannot write" | "stopping";
  readonly pid: number;
  /** Data points, log records and spans in readable requests. */
  readonly itemsReceived: number;
  /** Requests that wait for their commit. */
  readonly waitingRequests: number;
  readonly residentBytes: number;
  /** How long the event loop of the listening thread has worked and waited. */
  readonly eventLoop: { readonly activeMillis: number; readonly idleMillis: number };
}
