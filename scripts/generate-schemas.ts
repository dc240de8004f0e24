/**
 * Writes docs/schema/*.schema.json and the table of docs/configuration.md from their definitions. `--check` only
 * compares, for CI.
 * Usage: node scripts/generate-schemas.ts [--check]
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { z } from "zod";
import { settingEffect, settingKeys, settingValue } from "../packages/settings/src/config/config-keys.ts";
import { PUBLISHED_SCHEMAS } from "./schemas/index.ts";

const DOCS = new URL("../docs/", import.meta.url);
const TABLE_DOCUMENT = "configuration.md";
const TABLE = /(<!-- keys: made by scripts\/generate-schemas.ts -->\n)[\s\S]*?(<!-- end of keys -->)/;

const isCheck = process.argv.includes("--check");
for (const [name, { title, schema }] of Object.entries(PUBLISHED_SCHEMAS)) {
  const { $schema, ...body } = z.toJSONSchema(schema, { io: "input" });
  keep(`schema/${name}`, `${JSON.stringify({ $schema, title, ...body }, null, 2)}\n`);
}
const document = readFileSync(new URL(TABLE_DOCUMENT, DOCS), "utf8");
keep(
  TABLE_DOCUMENT,
  document.replace(TABLE, (_, begin: string, end: string) => `${begin}${keyTable()}\n${end}`),
);

function keep(name: string, text: string): void {
  const file = new URL(name, DOCS);
  if (!isCheck) {
    writeFileSync(file, text);
  } else if (!existsSync(file) || readFileSync(file, "utf8") !== text) {
    console.error(`docs/${name} is not what its definition says. Type: node scripts/generate-schemas.ts`);
    process.exitCode = 1;
  }
}

function keyTable(): string {
  const rows = settingKeys().map((key) => {
    const value = settingValue(key, undefined);
    const standard = value === undefined ? "" : `\`${typeof value === "string" ? value : JSON.stringify(value)}\``;
    return `| \`${key}\` | ${standard} | ${settingEffect(key)} |`;
  });
  return ["| key | default | effect |", "|---|---|---|", ...rows].join("\n");
}
