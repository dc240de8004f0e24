/** What a benchmark is told on its command line. */
import { parseArgs } from "node:util";

/** How large the workload is, relative to the one that the figures stand for. */
export const FULL_SCALE = 1;

/** Reads `--scale NUMBER` and the names beside it. @throws TypeError or RangeError on anything else. */
export function parseBenchArguments(args: readonly string[]): { scale: number; writes: boolean; names: string[] } {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { scale: { type: "string", default: String(FULL_SCALE) }, write: { type: "boolean", default: false } },
    allowPositionals: true,
  });
  const scale = Number(values.scale);
  if (!(scale > 0 && scale <= FULL_SCALE)) {
    throw new RangeError(`--scale takes a number over 0 and up to ${FULL_SCALE}, not "${values.scale}".`);
  }
  return { scale, writes: values.write, names: positionals };
}

/** The scale of this process. */
export function scaleOfProcess(): number {
  return parseBenchArguments(process.argv.slice(2)).scale;
}
