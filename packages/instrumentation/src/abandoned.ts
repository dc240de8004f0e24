/** Ends work whose result its owner has thrown away. */
import { guarded } from "./registry.ts";
import type { Ending } from "./settle.ts";

const lost = new FinalizationRegistry<Ending>((ending) => guarded(() => ending.cancel()));

/**
 * Most work has ended by then. What the collector watches costs it time, so it is asked to watch only what lasts longer.
 */
const PATIENCE_MILLIS = 1000;

/** Held until they are over, or watched. */
let fresh: StandIn[] = [];
let isTimed = false;

class StandIn implements Ending {
  readonly #ending: Ending;
  #state: "fresh" | "watched" | "over" = "fresh";

  constructor(ending: Ending) {
    this.#ending = ending;
  }

  succeed(): void {
    this.#end();
    this.#ending.succeed();
  }

  fail(error: unknown): void {
    this.#end();
    this.#ending.fail(error);
  }

  cancel(): void {
    this.#end();
    this.#ending.cancel();
  }

  watch(): void {
    if (this.#state === "over") return;
    this.#state = "watched";
    lost.register(this, this.#ending, this);
  }

  #end(): void {
    if (this.#state === "watched") lost.unregister(this);
    this.#state = "over";
  }
}

/**
 * Cancels `ending` when the returned stand-in can no longer be reached, as happens to a stream that no one reads and
 * to a promise that no one awaits. Whoever can still end the work must therefore hold the stand-in, never `ending`.
 */
export function watchForLoss(ending: Ending): Ending {
  const standIn = new StandIn(ending);
  fresh.push(standIn);
  if (!isTimed) setTimeout(watchFresh, PATIENCE_MILLIS).unref();
  isTimed = true;
  return standIn;
}

function watchFresh(): void {
  const all = fresh;
  fresh = [];
  isTimed = false;
  for (const each of all) each.watch();
}
