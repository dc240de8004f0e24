/** JSON of the commands about the file itself: `db` and `privacy`. */
import { z } from "zod";
import { count, date, millis, optional } from "./fields.ts";

const described = z.string().nullable().describe("null: not known to this version, or not ours.");
const size = { rows: count, bytes: count };

export const FILE_SCHEMAS = {
  db_stats: z.object({
    stats: z.object({
      path: z.string(),
      schemaVersion: count,
      fileBytes: count,
      walBytes: count,
      freeBytes: count,
      reserveBytes: count,
      diskFreeBytes: count.optional().describe("Absent where the file system does not tell."),
      tiers: z.array(
        z.object({
          tier: z.enum(["ledger", "rollups", "series", "other"]),
          ...size,
          tables: z.array(z.object({ table: z.string(), ...size })),
        }),
      ),
      bytesPerModelCall: z.number().optional(),
      points: count,
      bytesPerPoint: z.number().optional(),
      oldestDays: z
        .object(
          optional({
            ...{ ledger: date, rollups: date, plainPoints: date },
            ...{ compressedPoints: date, hourlyPoints: date, dailyPoints: date },
          }),
        )
        .describe("UTC; absent where there is nothing."),
      watermarkDay: date.optional().describe("Oldest whole day of the ledger; absent when nothing was ever deleted."),
      lastMaintenanceMillis: count.optional(),
    }),
  }),
  db_check: z.object({
    check: z.object({
      isSound: z.boolean(),
      parts: z.array(
        z.object({
          name: z.enum(["pages", "points", "totals", "witnesses", "quality", "rollups"]),
          problems: z.array(z.string()),
          unlisted: count.describe("Further problems."),
        }),
      ),
    }),
  }),
  db_backup: z.object({ backup: z.object({ target: z.string(), bytes: count }) }),
  db_merge: z.object({
    merge: z.object({
      kinds: z
        .record(
          z.enum(["sessions", "tasks", "calls", "tools", "files", "measurements", "points"]),
          z.object({
            read: count.describe("In the other store."),
            added: count.describe("New here."),
            changed: count.describe("Known here, and now better."),
            refused: z.record(z.string(), count).describe("By reason."),
          }),
        )
        .describe("What became of each kind."),
      factsFromMillis: millis
        .optional()
        .describe("Before it the other store has sums only, which were not taken over."),
    }),
  }),
  db_vacuum: z.object({
    vacuum: z.object({
      state: z.enum(["done", "not due", "elsewhere", "unfinished"]),
      deleted: z.record(z.string(), count).describe("Rows by table."),
      bytesBefore: count,
      bytesAfter: count,
      steps: count,
      longestStepMillis: millis,
      watermarkDay: z.int().optional().describe("Days since 1970-01-01; absent when the ledger holds everything."),
    }),
  }),
  db_rebuild: z.object({ rebuild: z.object({ days: count }) }),
  db_salvage: z.object({
    salvage: z.object({
      movedTo: z.string(),
      isReadable: z.boolean(),
      tables: z.array(
        z.object({
          table: z.string(),
          recovered: count,
          rejected: count,
          gaps: count.describe("Stretches that could not be read."),
          lost: count.optional().describe("Absent where nothing tells how many rows there were."),
        }),
      ),
    }),
  }),
  privacy: z.object({
    privacy: z.object({
      storage: z.string(),
      files: z.array(z.object({ path: z.string(), bytes: count, holds: described })),
      tables: z.array(
        z.object({
          table: z.string(),
          holds: described,
          kept: z.string(),
          fields: z.array(z.object({ field: z.string(), holds: described })),
        }),
      ),
      neverStored: z.array(z.string()),
      asGiven: z.string(),
      network: z.string(),
      toDelete: z.array(z.string()),
    }),
  }),
} as const;
