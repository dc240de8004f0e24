import { describe, expect, it } from "vitest";
import { shortPaths } from "../../src/tables/short-names.ts";

describe("short names of folders", () => {
  it("are the last part, and more where two would read the same", () => {
    const paths = ["/home/a/shop", "/home/b/shop", "/home/a/docs", "C:\\work\\api", "unknown", "/"];
    expect([...shortPaths(paths).values()]).toEqual(["a/shop", "b/shop", "docs", "api", "unknown", "/"]);
  });
});
