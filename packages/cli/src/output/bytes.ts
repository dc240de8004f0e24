/** Sizes for people. */

const UNITS = ["B", "kB", "MB", "GB", "TB"];

/** `1.5 MB`: powers of 1000, one decimal from kilobytes on. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 999.95 && unit < UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 ? Math.round(value) : value.toFixed(1)} ${UNITS[unit]}`;
}
