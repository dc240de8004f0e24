/** Every published JSON Schema: what docs/schema holds. */
import { z } from "zod";
import { CONFIG_FILE_SCHEMA } from "../../packages/settings/src/config/schema.ts";
import { BUDGET_SCHEMAS } from "./budgets.ts";
import { DASHBOARD_SCHEMAS } from "./dashboard.ts";
import { DOCUMENT_SCHEMAS } from "./documents.ts";
import { EXPORT_SCHEMAS } from "./exports.ts";
import { FILE_SCHEMAS } from "./files.ts";
import { IMPORT_SCHEMAS } from "./imports.ts";
import { PRICE_SCHEMAS } from "./prices.ts";
import { QUALITY_SCHEMAS } from "./quality.ts";
import { QUERY_SCHEMAS } from "./queries.ts";
import { RECONCILE_SCHEMAS } from "./reconcile.ts";
import { ROW_SCHEMAS } from "./rows.ts";
import { SETUP_SCHEMAS } from "./setup.ts";

const CONFIG_SCHEMAS = {
  config_list: z.object({
    config: z.record(
      z.string(),
      z.object({
        value: z.unknown().optional().describe("Absent where nothing is said and there is no default."),
        origin: z.string().describe("The file that says so, or default."),
      }),
    ),
  }),
  config_validate: z.object({
    files: z.array(
      z.object({
        path: z.string(),
        state: z.enum(["valid", "invalid", "not there"]),
        problems: z.array(z.object({ key: z.string(), message: z.string() })),
      }),
    ),
  }),
} as const;

/** Schemas of what commands print, by the name of the document. */
export const OUTPUT_SCHEMAS: Readonly<Record<string, z.ZodType>> = {
  ...ROW_SCHEMAS,
  ...DOCUMENT_SCHEMAS,
  ...BUDGET_SCHEMAS,
  ...DASHBOARD_SCHEMAS,
  ...CONFIG_SCHEMAS,
  ...QUERY_SCHEMAS,
  ...QUALITY_SCHEMAS,
  ...IMPORT_SCHEMAS,
  ...EXPORT_SCHEMAS,
  ...PRICE_SCHEMAS,
  ...FILE_SCHEMAS,
  ...SETUP_SCHEMAS,
  ...RECONCILE_SCHEMAS,
};

/** A published file. */
export interface PublishedSchema {
  readonly title: string;
  readonly schema: z.ZodType;
}

/** By the name of the file in docs/schema. */
export const PUBLISHED_SCHEMAS: Readonly<Record<string, PublishedSchema>> = {
  "config.schema.json": { title: "Configuration of moai-metrics", schema: CONFIG_FILE_SCHEMA },
  ...Object.fromEntries(
    Object.entries(OUTPUT_SCHEMAS).map(([name, schema]) => [
      `${name}.schema.json`,
      { title: `moai-metrics: ${name.replaceAll("_", " ")}`, schema },
    ]),
  ),
};
