/** Takes in transcripts and the spool while no receiver does. */
import type { TakingIn } from "@moai-metrics/receiver/take-in";
import type { SourcePlace } from "./messages.ts";

/** Runs or does not. */
export interface Tail {
  /** Begins or ends. Resolves when it has; what is being read is stopped behind the current line. */
  turn(isOn: boolean): Promise<void>;
}

/** What a tail tells. */
export interface TailEvents {
  /** Something that the user should know; undefined when all is well again. */
  tell(warning: string | undefined): void;
  /** Called again and again while much is read. */
  onProgress(): void;
}

/** It writes a little at a time, all day. */
const MEMORY = { cacheBytes: 2_000_000, remembersRows: false };

/** Creates a tail that does not run yet. */
export function createTail(place: SourcePlace | undefined, { tell, onProgress }: TailEvents): Tail {
  let isWanted = false;
  let running: { readonly takingIn: TakingIn; readonly end: AbortController } | undefined;

  const begin = async (from: SourcePlace): Promise<void> => {
    const { startTakingIn } = await import("@moai-metrics/receiver/take-in");
    if (!isWanted || running !== undefined) return;
    const end = new AbortController();
    try {
      const takingIn = startTakingIn({
        ...{ ...from, signal: end.signal, onProgress, memory: MEMORY },
        tell: (event) => tell(event.kind === "warning" ? event.message : undefined),
      });
      running = { takingIn, end };
    } catch (error) {
      tell(error instanceof Error ? error.message : String(error));
    }
  };
  return {
    turn: async (isOn) => {
      isWanted = isOn;
      if (isOn) {
        if (place !== undefined && running === undefined) await begin(place);
        return;
      }
      const ended = running;
      running = undefined;
      ended?.end.abort();
      await ended?.takingIn.stop();
    },
  };
}
