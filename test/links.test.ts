import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { findDeadLinks } from "../scripts/check-links.ts";

let root: string;

beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), "links-"));
  mkdirSync(path.join(root, "docs"));
  writeFileSync(path.join(root, "docs/guide.md"), "# The guide\n\n## What's `new` here?\n");
});
afterEach(() => {
  rmSync(root, { recursive: true });
});

describe("the check of the links", () => {
  it("accepts files, folders, headings, and addresses elsewhere", () => {
    writeFileSync(
      path.join(root, "README.md"),
      "# Top\n[a](docs/guide.md) [b](docs) [c](docs/guide.md#whats-new-here) [d](#top) [e](https://example.org/x)\n",
    );
    expect(findDeadLinks(root)).toEqual([]);
  });

  it("names the line of a link to a file or heading that is not there", () => {
    writeFileSync(path.join(root, "README.md"), "\n[a](docs/gone.md)\n![b](shot.png)\n[c](docs/guide.md#gone)\n");
    expect(findDeadLinks(root)).toEqual([
      "README.md:2  no such file: docs/gone.md",
      "README.md:3  no such file: shot.png",
      "README.md:4  no such heading: docs/guide.md#gone",
    ]);
  });

  it("resolves a link from the folder of its document", () => {
    writeFileSync(path.join(root, "docs/other.md"), "[up](../docs/guide.md) [wrong](docs/guide.md)\n");
    expect(findDeadLinks(root)).toEqual(["docs/other.md:1  no such file: docs/guide.md"]);
  });

  it("reads neither code nor installed packages", () => {
    mkdirSync(path.join(root, "node_modules/x"), { recursive: true });
    writeFileSync(path.join(root, "node_modules/x/README.md"), "[a](gone.md)\n");
    writeFileSync(path.join(root, "README.md"), "`[a](gone.md)`\n\n```md\n[b](gone.md)\n```\n");
    expect(findDeadLinks(root)).toEqual([]);
  });
});
