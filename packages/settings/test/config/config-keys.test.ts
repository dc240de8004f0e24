import { describe, expect, it } from "vitest";
import { checkBlock, parseSetting, settingKeys, settingValue } from "../../src/config/config-keys.ts";
import { DEFAULT_CONFIG, resolveConfig } from "../../src/index.ts";

/** A block that says every setting's default, as files spell it. */
function defaultBlock(): Record<string, unknown> {
  const block: Record<string, Record<string, unknown>> = {};
  for (const key of settingKeys()) {
    const value = settingValue(key, undefined);
    if (value === undefined) continue;
    const [first = "", second] = key.split(".");
    if (second === undefined) (block as Record<string, unknown>)[first] = value;
    else block[first] = { ...block[first], [second]: value };
  }
  return block;
}

describe("settingKeys", () => {
  it("names settings that the schema takes, with the defaults that hold", () => {
    const checked = checkBlock(defaultBlock());
    if (!checked.isValid) throw new Error(JSON.stringify(checked.problems));
    expect(resolveConfig(checked.block)).toEqual(DEFAULT_CONFIG);
    expect(settingKeys()).toContain("token_tracking.track_per_session");
    expect(settingKeys()).toContain("budgets");
  });
});

describe("settingValue", () => {
  it("is undefined where a block does not say", () => {
    expect(settingValue("tokens.warn_threshold", {})).toBeUndefined();
    expect(settingValue("retention.max_bytes", undefined)).toBeUndefined();
    expect(settingValue("enabled", { enabled: false })).toBe(false);
    expect(settingValue("tokens.warn_counts", { tokens: { warn_counts: "total" } })).toBe("total");
  });
});

describe("parseSetting", () => {
  it("reads what looks like JSON, and takes texts as they are", () => {
    expect(parseSetting("enabled", "false")).toBe(false);
    expect(parseSetting("tokens.warn_threshold", "12")).toBe(12);
    expect(parseSetting("budgets", "[]")).toEqual([]);
    expect(parseSetting("storage", "12")).toBe("12");
    expect(parseSetting("reporting.export_format", "csv")).toBe("csv");
  });
});
