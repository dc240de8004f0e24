/** JSON of `doctor`. */
import { z } from "zod";
import { count } from "./fields.ts";

export const SETUP_SCHEMAS = {
  doctor: z.object({
    doctor: z.object({
      isWell: z.boolean().describe("There is no problem; else the exit code is 3."),
      problems: count,
      notes: count,
      findings: z.array(
        z.object({
          about: z.string().describe("machine, or an agent: claude-code, codex, gemini-cli, moai."),
          check: z.string().describe("What was looked at, such as receiver, telemetry or store."),
          state: z.enum(["ok", "note", "problem"]),
          message: z.string(),
          next: z.string().nullable().describe("What to do or to type."),
        }),
      ),
      live: z
        .array(
          z.object({
            product: z.string(),
            days: count,
            sessions: count.describe("With model calls."),
            liveSessions: count.describe("Of which telemetry told some."),
            projects: count,
            liveProjects: count,
          }),
        )
        .describe("Whose sessions of the last days told what they did while they did it."),
    }),
  }),
} as const;
