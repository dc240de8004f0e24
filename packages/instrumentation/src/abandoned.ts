/** Ends work whose result its owner has thrown away. */
import { guarded } from "./registry.ts";
import type { Ending } from "./settle.ts";

const lost = new FinalizationRegistry<Ending>((ending) => guarded(() => ending.cancel()));

/**
 * Most work has ended by then. What the collector watches costs it time, so it is asked to watch only what lasts longer.
 */
const PATIENCE_MILLIS = 1000;

/** Held until they are over, or watched. */
let fresh: Watched[] = [];
let isTimed = false;

interface Watched {
  readonly standIn: Ending;
  readonly ending: Ending;
  state: "fresh" | "watched" | "over";
}

/**
 * Cancels `ending` when the returned stand-in can no longer be reached, as happens to a stream that no one reads and
 * to a promise that no one awaits. Whoever can still end the work must therefore hold the stand-in, never `ending`.
 */
export function watchForLoss(ending: Ending): Ending {
  const end = (): void => {
    if (watched.state === "watched") lost.unregister(standIn);
    watched.state = "over";
  };
  const standIn: Ending = {
    succeed: () => {
      end();
      ending.succeed();
    },
    fail: (error) => {
      end();
      ending.fail(error);
    },
    cancel: () => {
      end();
      ending.cancel();
    },
  };
  const watched: Watched = { standIn, ending, state: "fresh" };
  fresh.push(watched);
  if (!isTimed) setTimeout(watchFresh, PATIENCE_MILLIS).unref();
  isTimed = true;
  return standIn;
}

function watchFresh(): void {
  const all = fresh;
  fresh = [];
  isTimed = false;
  for (const each of all) {
    if (each.state === "over") continue;
    each.state = "watched";
    lost.register(each.standIn, each.ending, each.standIn);
  }
}
