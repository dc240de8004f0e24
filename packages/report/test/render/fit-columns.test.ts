import { describe, expect, it } from "vitest";
import { fitColumns } from "../../src/render/fit-columns.ts";

const fixed = (width: number, dropRank?: number) => ({ naturalWidth: width, minWidth: width, dropRank });

describe("fitting columns", () => {
  it("gives every column its natural width where there is room", () => {
    expect(fitColumns([fixed(5), fixed(7)], 14, 2)).toEqual([5, 7]);
  });

  it("cuts text before it leaves out a column", () => {
    expect(fitColumns([{ naturalWidth: 20, minWidth: 8 }, fixed(7, 1)], 20, 2)).toEqual([11, 7]);
  });

  it("leaves out the column of the highest rank first", () => {
    expect(fitColumns([fixed(5), fixed(5, 1), fixed(5, 3), fixed(5, 2)], 19, 2)).toEqual([5, 5, undefined, 5]);
  });

  it("gives the room of a dropped column back to cut text", () => {
    expect(fitColumns([{ naturalWidth: 20, minWidth: 8 }, fixed(9, 1)], 18, 2)).toEqual([18, undefined]);
  });

  it("cuts the widest text further when nothing is left to leave out", () => {
    const long = { naturalWidth: 60, minWidth: 20 };
    const longer = { naturalWidth: 90, minWidth: 30 };
    expect(fitColumns([long, longer, fixed(10)], 44, 2)).toEqual([15, 15, 10]);
    expect(fitColumns([fixed(10), long], 27, 2)).toEqual([10, 15]);
  });

  it("cuts no text to less than six columns", () => {
    expect(fitColumns([{ naturalWidth: 60, minWidth: 20 }, fixed(30)], 20, 2)).toEqual([6, 30]);
  });

  it("keeps what has no rank even when it does not fit", () => {
    expect(fitColumns([fixed(50), fixed(50)], 80, 2)).toEqual([50, 50]);
  });
});
