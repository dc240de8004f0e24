/** Which tier answers a question. Pure. */
import { type Resolution, WIDTHS_NANO } from "../summary/types.ts";

/**
 * The coarsest tier that gives the exact answer for steps of a length: one whose buckets never lie in two steps, and
 * neither partly in the range. Undefined: only single points do.
 * @param stepNano steps begin at multiples of it since the Unix epoch, UTC.
 */
export function coarsestResolution(
  stepNano: bigint,
  fromNano: bigint = 0n,
  toNano: bigint = 0n,
): Resolution | undefined {
  return (["day", "hour"] as const).find((resolution) =>
    [stepNano, fromNano, toNano].every((edge) => edge % WIDTHS_NANO[resolution] === 0n),
  );
}
