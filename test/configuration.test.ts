/** docs/configuration.md and docs/schema say what the definitions say. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { settingEffect, settingKeys } from "@moai-metrics/settings/config-keys";
import { expect, it } from "vitest";

it("every key stands in docs/configuration.md with its effect", () => {
  const document = readFileSync("docs/configuration.md", "utf8");
  for (const key of settingKeys()) {
    const effect = settingEffect(key);
    expect(effect).not.toBe("");
    expect(document).toContain(`| \`${key}\` |`);
    expect(document).toContain(`| ${effect} |`);
  }
  expect(document.match(/^\| `[a-zA-Z0-9_.]+` \|/gm)).toHaveLength(settingKeys().length);
});

it("generated documents are what their definitions make", () => {
  const { stderr, status } = spawnSync(process.execPath, ["scripts/generate-schemas.ts", "--check"], {
    encoding: "utf8",
  });
  expect([stderr, status]).toEqual(["", 0]);
});

it("the example of docs/configuration.md is valid, and its mistake is told as it says", async () => {
  const { checkBlock } = await import("@moai-metrics/settings/config-keys");
  const document = readFileSync("docs/configuration.md", "utf8");
  const example = /```json\n(\{\n {2}"metrics"[\s\S]*?)```/.exec(document)?.[1] ?? "";
  expect(checkBlock(JSON.parse(example).metrics)).toMatchObject({ isValid: true });
  const wrong = checkBlock({ tokens: { warn_treshold: 1 } });
  if (wrong.isValid) throw new Error("A misspelt key was taken.");
  expect(document).toContain(`${wrong.problems[0]?.key} ${wrong.problems[0]?.message}`);
});
