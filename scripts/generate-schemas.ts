/**
 * Writes docs/schema/*.schema.json from their definitions. `--check` only compares, for CI.
 * Usage: node scripts/generate-schemas.ts [--check]
 */
import { readFileSync, writeFileSync } from "node:fs";
import { z } from "zod";
import { CONFIG_FILE_SCHEMA } from "../packages/settings/src/config/schema.ts";

const FOLDER = new URL("../docs/schema/", import.meta.url);

const SCHEMAS: Readonly<Record<string, { readonly title: string; readonly schema: z.ZodType }>> = {
  "config.schema.json": { title: "Configuration of moai-metrics", schema: CONFIG_FILE_SCHEMA },
};

const isCheck = process.argv.includes("--check");
for (const [name, { title, schema }] of Object.entries(SCHEMAS)) {
  const { $schema, ...body } = z.toJSONSchema(schema, { io: "input" });
  const text = `${JSON.stringify({ $schema, title, ...body }, null, 2)}\n`;
  const file = new URL(name, FOLDER);
  if (!isCheck) {
    writeFileSync(file, text);
  } else if (readFileSync(file, "utf8") !== text) {
    console.error(`docs/schema/${name} is not what its definition says. Type: node scripts/generate-schemas.ts`);
    process.exitCode = 1;
  }
}
