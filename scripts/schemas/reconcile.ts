/** JSON of `reconcile`. */
import { z } from "zod";
import { count, time } from "./fields.ts";

const teller = z.enum(["process", "transcript", "log", "hook", "span", "metric"]);

const told = {
  calls: count.nullable().describe("null for a metric, which counts no calls."),
  callsWithoutUsage: count.nullable(),
  inputTokens: count.describe("Not cached."),
  cacheReadTokens: count,
  cacheCreationTokens: count,
  outputTokens: count,
  totalTokens: count,
};

const witness = z.object({
  witness: teller,
  hasTold: z.boolean().describe("false: it told nothing, although the product can."),
  ...told,
  gapCalls: z.number().int().nullable().describe("What it told minus what the ledger holds."),
  gapTokens: z.number().int(),
  reason: z
    .enum([
      "telemetry_off",
      "not_sent",
      "no_transcript",
      "began_later",
      "stopped_earlier",
      "calls_missing",
      "other_counts",
      "not_exported_yet",
      "exports_lost",
      "beyond_calls",
    ])
    .nullable()
    .describe("null where it agrees with the ledger; docs/reconcile.md says what each means."),
});

const missedCall = z.object({
  endedAt: time,
  agent: z.string(),
  totalTokens: count.nullable().describe("null: nobody told its usage."),
  toldBy: z.array(teller),
  missedBy: z.array(z.object({ witness: teller, reason: z.enum(["began_later", "stopped_earlier", "calls_missing"]) })),
});

export const RECONCILE_SCHEMAS = {
  reconcile: z.object({
    reconcile: z.array(
      z.object({
        sessionId: z.string(),
        product: z.string(),
        project: z.string(),
        startedAt: time,
        lastActivity: time,
        agreement: z.enum(["agrees", "differs", "one_witness"]),
        models: z.array(
          z.object({
            model: z.string(),
            ledger: z.object(told),
            witnesses: z.array(witness),
            missedCalls: z
              .array(missedCall)
              .describe(
                "Calls that one witness of the session and model told of and another one did not, oldest first.",
              ),
          }),
        ),
        hookTokens: z
          .object({ reported: count, counted: count.describe("In sums, as no call covers them.") })
          .nullable()
          .describe("Tokens that hooks reported of its tasks, as one number."),
        toolCalls: z
          .object({ ledger: count })
          .catchall(count)
          .describe("Tool calls that the ledger holds, and that each witness told of."),
      }),
    ),
    totals: z.object({
      sessions: count,
      agree: count,
      differ: count,
      oneWitness: count,
      ledger: z.object(told),
      witnesses: z.partialRecord(teller, z.object(told)),
    }),
  }),
} as const;
