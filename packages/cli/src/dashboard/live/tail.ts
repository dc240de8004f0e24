/** Takes in transcripts and the spool while no receiver does. */
import type { Background } from "@moai-metrics/receiver/background";
import type { Environment } from "@moai-metrics/settings";

/** Where new facts come from. */
export interface TailOptions {
  readonly storage: string;
  readonly environment: Environment;
  readonly homeFolder: string;
  readonly timeZone: string;
}

/** Runs or does not. */
export interface Tail {
  readonly isRunning: boolean;
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** Creates a tail that does not run yet. */
export function createTail(options: TailOptions): Tail {
  let background: Promise<Background> | undefined;
  return {
    get isRunning() {
      return background !== undefined;
    },
    start: async () => {
      background ??= import("@moai-metrics/receiver/background").then(({ startBackground }) =>
        startBackground({ ...options, isDaemon: false }),
      );
      await background;
    },
    stop: async () => {
      const running = background;
      background = undefined;
      await (await running)?.stop();
    },
  };
}
