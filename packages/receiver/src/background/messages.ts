/** What travels between the daemon and the thread that takes in files. */
import type { Environment } from "@moai-metrics/settings";

/** What the thread is told when it starts. */
export interface BackgroundPlace {
  readonly storage: string;
  readonly environment: Environment;
  readonly homeFolder: string;
  /** The machine's zone, whose days reports and budgets are about. */
  readonly timeZone: string;
  /** One 32-bit integer: not 0 when the thread shall stop, also in the middle of reading. */
  readonly stopFlag: Int32Array<SharedArrayBuffer>;
}

/** What the thread tells. */
export type BackgroundEvent =
  /** Something was taken in. */
  | { readonly kind: "caught_up"; readonly facts: number; readonly points: number; readonly files: number }
  /** Something is wrong; the rest goes on. */
  | { readonly kind: "warning"; readonly message: string };
