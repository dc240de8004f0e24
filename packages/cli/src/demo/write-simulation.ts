/** Writes a simulation into a store of its own. */
import { createZoneCalendar } from "@moai-metrics/model";
import { databasePath } from "@moai-metrics/settings";
import { openStore } from "@moai-metrics/store";
import { simulate } from "./simulate.ts";

/** What to simulate, and where to. */
export interface WriteSimulationOptions {
  /** An empty storage folder. */
  readonly storage: string;
  readonly seed: number;
  readonly nowMillis: number;
  readonly timeZone: string;
}

/** Simulates and writes, in one transaction. */
export function writeSimulation({ storage, seed, nowMillis, timeZone }: WriteSimulationOptions): void {
  const facts = simulate({ seed, nowMillis, calendar: createZoneCalendar(timeZone) });
  const store = openStore({ path: databasePath(storage) });
  try {
    store.write({ facts });
  } finally {
    store.close();
  }
}
