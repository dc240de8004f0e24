/** Which tier answers a question. Pure. */
import { type Resolution, WIDTHS_NANO } from "../summary/types.ts";

/**
 * The coarsest tier that gives the exact answer for a step: one whose edges are among those of the steps. Undefined:
 * only single points do.
 * @param stepNano steps are counted from `fromNano`, both in nanoseconds.
 */
export function coarsestResolution(stepNano: bigint, fromNano: bigint, toNano: bigint): Resolution | undefined {
  return (["day", "hour"] as const).find((resolution) =>
    [stepNano, fromNano, toNano].every((edge) => edge % WIDTHS_NANO[resolution] === 0n),
  );
}
