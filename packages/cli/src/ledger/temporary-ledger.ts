/** A store in a temporary folder, gone when it was shown. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { OpenLedger } from "../context.ts";
import { ledgerOf } from "./open-ledger.ts";

/**
 * Makes a temporary storage folder, lets `fill` write a store into it, lets `show` answer from it, and removes it.
 */
export async function withTemporaryLedger(
  fill: (storage: string) => void | Promise<void>,
  show: (ledger: OpenLedger) => Promise<void>,
): Promise<void> {
  const [{ openStore }, { databasePath }] = await Promise.all([
    import("@moai-metrics/store"),
    import("@moai-metrics/settings"),
  ]);
  const storage = mkdtempSync(join(tmpdir(), "moai-metrics-"));
  try {
    await fill(storage);
    const ledger = ledgerOf(openStore({ path: databasePath(storage) }), undefined);
    try {
      await show(ledger);
    } finally {
      ledger.close();
    }
  } finally {
    rmSync(storage, { recursive: true, force: true });
  }
}
