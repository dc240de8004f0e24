/** How the documents of the PRD write numbers. */

/** Two decimals, as in `0.89` and `4.5`. */
export function roundTo2<T extends number | null>(value: T): T {
  return (value === null ? null : Math.round(value * 100) / 100) as T;
}

/** A change in percent with its sign: `+5%`, `-3%`, `0%`. */
export function signedPercent(share: number | null): string | null {
  if (share === null) return null;
  const percent = Math.round(share * 100);
  return `${percent > 0 ? "+" : ""}${percent === 0 ? 0 : percent}%`;
}

/** An ISO 8601 time in UTC, without milliseconds where there are none: `2025-11-29T10:00:00Z`. */
export function isoTime(millis: number): string {
  return new Date(millis).toISOString().replace(".000Z", "Z");
}
