/** Looks after the store when a command has answered: once a day, for a moment. */
import type { CliContext, OpenLedger } from "../context.ts";

/** Longer than this no one waits for the prompt; what is left is done next time. */
const MAX_MILLIS = 200;

/** Maintains the store when that is due. What goes wrong is told and does not spoil the answer. */
export async function tidyUp(context: CliContext, { store, caughtUp }: OpenLedger): Promise<void> {
  if (caughtUp === undefined) return;
  try {
    await store.maintain({ nowMillis: context.now(), maxMillis: MAX_MILLIS });
  } catch (error) {
    context.warn(`The store was not cleaned up: ${error instanceof Error ? error.message : String(error)}`);
  }
}
