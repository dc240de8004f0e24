/** Tells that a store is being brought up to date, which happens once and may take seconds. */
import type { MigrationProgress } from "@moai-metrics/store";

/** Creates a listener that says one line per part. */
export function migrationTeller(warn: (line: string) => void): (progress: MigrationProgress) => void {
  return ({ phase, toVersion, name }) => {
    if (phase === "copy") warn(`The store is brought up to date, once. A copy of it as it was: ${name}`);
    else warn(`  to schema ${toVersion}: ${name}`);
  };
}
