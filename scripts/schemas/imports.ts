/** JSON of `import` and `import moai-flow`. */
import { z } from "zod";
import { count } from "./fields.ts";

const reasons = z.record(z.string(), count).describe("How many, by reason.");

export const IMPORT_SCHEMAS = {
  import: z.object({
    import: z.array(
      z.object({
        product: z.string(),
        label: z.string(),
        roots: z.array(z.string()).describe("Where it looked."),
        filesFound: count,
        filesRead: count,
        filesUnchanged: count,
        bytesRead: count,
        facts: count,
        inserted: count.describe("Rows that are new in the ledger."),
        changed: count.describe("Rows to which a fact added something."),
        failures: z.array(z.object({ path: z.string(), code: z.string() })),
        refused: reasons,
        skipped: reasons,
      }),
    ),
    skipped: z
      .array(z.object({ product: z.string(), reason: z.string(), count }))
      .describe("Everything that was ever read and gave no fact."),
  }),
  import_moai: z.object({
    import: z.array(
      z.object({
        project: z.string(),
        kinds: z.array(
          z.object({ kind: z.string(), files: count, entries: count, facts: count, inserted: count, changed: count }),
        ),
        skipped: reasons,
        failures: z.array(z.object({ path: z.string(), code: z.string() })),
      }),
    ),
  }),
  "import_moai-flow": z.object({
    import: z.array(
      z.object({
        product: z.string(),
        path: z.string(),
        timeZone: z.string().describe("The zone of its local times."),
        rows: z.object({ tasks: count, agents: count, swarms: count }),
        facts: z.object({ received: count, inserted: count, changed: count }),
        points: z.object({ inserted: count, repeated: count }),
        tokens: count,
        skipped: reasons,
      }),
    ),
  }),
} as const;
