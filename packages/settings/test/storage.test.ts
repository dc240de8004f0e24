import { homedir } from "node:os";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { databasePath, homeFolder, resolveStorageFolder, spoolFolder } from "../src/index.ts";

describe("the storage folder", () => {
  it.each([
    ["the flag", { storage: "/x", environment: { MOAI_METRICS_STORAGE: "/y", HOME: "/h" } }, "/x"],
    ["the variable", { environment: { MOAI_METRICS_STORAGE: "/y", XDG_DATA_HOME: "/z", HOME: "/h" } }, "/y"],
    ["the data folder", { environment: { XDG_DATA_HOME: "/z", HOME: "/h" } }, "/z/moai-metrics"],
    ["the home folder", { environment: { HOME: "/h" } }, "/h/.local/share/moai-metrics"],
    [
      "the home folder, as XDG must be absolute",
      { environment: { XDG_DATA_HOME: "z", HOME: "/h" } },
      "/h/.local/share/moai-metrics",
    ],
    [
      "the home folder, as empty is unset",
      { environment: { MOAI_METRICS_STORAGE: "", HOME: "/h" } },
      "/h/.local/share/moai-metrics",
    ],
    ["a path from the home folder", { storage: "~/m", environment: { HOME: "/h" } }, "/h/m"],
    ["the home folder itself", { storage: "~", environment: { HOME: "/h" } }, "/h"],
    ["a relative path", { storage: "m", environment: { HOME: "/h" } }, resolve("m")],
  ])("comes from %s", (_, options, expected) => {
    expect(resolveStorageFolder(options)).toBe(expected);
  });

  it("holds the database and the spool", () => {
    expect(databasePath("/s")).toBe("/s/metrics.db");
    expect(spoolFolder("/s")).toBe("/s/spool");
  });

  it("is found without HOME too", () => {
    expect(homeFolder({ USERPROFILE: "/u" })).toBe("/u");
    expect(homeFolder({})).toBe(homedir());
  });
});
