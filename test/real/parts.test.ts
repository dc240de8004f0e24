import { readFileSync } from "node:fs";
import { afterEach, describe, expect, it, vi } from "vitest";
import { findRealPart, REAL_PARTS } from "./parts.ts";

afterEach(() => {
  vi.unstubAllEnvs();
});

describe("a real program that tests run against", () => {
  it("is a failure when it is missing and required", () => {
    vi.stubEnv("PATH", "/nowhere");
    vi.stubEnv("MOAI_METRICS_REAL_PARTS", "required");
    expect(() => findRealPart("promtool")).toThrow("apt-get install prometheus");
    expect(() => findRealPart("ccusage")).toThrow("npm install --prefix FOLDER ccusage@");
  });

  it("is left out on a bare machine", () => {
    vi.stubEnv("PATH", "/nowhere");
    vi.stubEnv("MOAI_METRICS_REAL_PARTS", "");
    expect(findRealPart("promtool")).toBeUndefined();
  });

  it("is installed by the script of CI", () => {
    const script = readFileSync(new URL("../../.ci/run", import.meta.url), "utf8");
    for (const part of Object.values(REAL_PARTS)) {
      expect(script).toMatch(new RegExp(`${part.from} install .* ${part.package} `));
    }
  });
});
