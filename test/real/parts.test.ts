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
    expect(() => findRealPart("compose-spec")).toThrow("go install github.com/compose-spec/compose-go");
    expect(() => findRealPart("otelcol-moai")).toThrow('ln -s "$(sh collector/build.sh)"');
  });

  it("is left out on a bare machine", () => {
    vi.stubEnv("PATH", "/nowhere");
    vi.stubEnv("MOAI_METRICS_REAL_PARTS", "");
    expect(findRealPart("promtool")).toBeUndefined();
  });

  it("is installed by the script of CI", () => {
    const script = readFileSync(new URL("../../.ci/run", import.meta.url), "utf8");
    for (const part of Object.values(REAL_PARTS)) {
      const command = part.from === "sh" ? `sh ${part.package}` : `${part.from} install (?:.* )?${part.package} `;
      expect(script).toMatch(new RegExp(command.replaceAll("/", "\\/")));
    }
  });
});
