/** Looks after the store when a command has answered: once a day, for a moment. */
import type { Store } from "@moai-metrics/store";
import type { CliContext, OpenLedger } from "../context.ts";

/** Longer than this no one waits for the prompt; what is left is done next time. */
const MAX_MILLIS = 200;

/** Fewer are folded before anyone wonders what takes so long. */
const MANY_DAYS = 30;

/**
 * Notes the zone that the user's days are told in, and maintains the store when that is due. What goes wrong is told
 * and does not spoil the answer.
 */
export async function tidyUp(context: CliContext, ledger: OpenLedger, timeZone: string): Promise<void> {
  await whenWritable(context, ledger, async (store) => {
    store.keepZone(timeZone, 0);
    await store.maintain({ nowMillis: context.now(), maxMillis: MAX_MILLIS });
  });
}

/** The same after an import: days of the past are folded to the end, so that answers come at once from now on. */
export async function tidyUpImport(context: CliContext, ledger: OpenLedger, timeZone: string): Promise<void> {
  await whenWritable(context, ledger, (store) => {
    store.keepZone(timeZone, 0);
    const nowMillis = context.now();
    const days = store.foldRollups(nowMillis, 0);
    if (days > MANY_DAYS && context.environment.isProgressVisible) context.warn(`adding up ${days} days …`);
    store.foldRollups(nowMillis);
  });
  await tidyUp(context, ledger, timeZone);
}

async function whenWritable(
  context: CliContext,
  { store, caughtUp }: OpenLedger,
  work: (store: Store) => void | Promise<void>,
): Promise<void> {
  if (caughtUp === undefined) return;
  try {
    await work(store);
  } catch (error) {
    context.warn(`The store was not cleaned up: ${error instanceof Error ? error.message : String(error)}`);
  }
}
