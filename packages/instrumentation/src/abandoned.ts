/** Ends work whose result its owner has thrown away. */
import { guarded } from "./registry.ts";
import type { Ending } from "./settle.ts";

const lost = new FinalizationRegistry<Ending>((ending) => guarded(() => ending.cancel()));

/**
 * Cancels `ending` when the returned stand-in can no longer be reached, as happens to a stream that no one reads and
 * to a promise that no one awaits. Whoever can still end the work must therefore hold the stand-in, never `ending`.
 */
export function watchForLoss(ending: Ending): Ending {
  const forget = (): boolean => lost.unregister(standIn);
  const standIn: Ending = {
    succeed: () => {
      forget();
      ending.succeed();
    },
    fail: (error) => {
      forget();
      ending.fail(error);
    },
    cancel: () => {
      forget();
      ending.cancel();
    },
  };
  lost.register(standIn, ending, standIn);
  return standIn;
}
