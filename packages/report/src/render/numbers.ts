/** Numbers for people. Exact values are in JSON and CSV. */

/** What stands where a value is not known or has no meaning. */
export const NO_VALUE = "–";

const UNITS = ["", "K", "M", "B", "T"] as const;
const EXACT_BELOW = 10_000;

/**
 * A whole number in at most six characters: exact with thousands separators below 10,000, then 12.3K, 450K, 45.6M.
 * Beyond the last unit the number grows rather than being cut.
 */
export function formatCount(count: number): string {
  if (Math.abs(count) < EXACT_BELOW) return groupThousands(String(Math.round(count)));
  let scaled = count;
  let unit = 0;
  // 999,950 is 1.0M, not 1000.0K: step up as soon as rounding would show four digits.
  while (Math.abs(scaled) >= 999.5 && unit < UNITS.length - 1) {
    scaled /= 1000;
    unit++;
  }
  const digits = Math.abs(scaled) < 99.95 ? scaled.toFixed(1) : groupThousands(scaled.toFixed(0));
  return `${digits}${UNITS[unit]}`;
}

/** Dollars: whole cents, `<$0.01` for less, whole dollars from a thousand on. */
export function formatCost(dollars: number): string {
  if (dollars > 0 && dollars < 0.005) return "<$0.01";
  if (dollars < 999.995) return `$${dollars.toFixed(2)}`;
  return dollars < 99_999.5 ? `$${groupThousands(dollars.toFixed(0))}` : `$${formatCount(dollars)}`;
}

/** A difference in dollars, `+$1.20`, `-$0.05`. */
export function formatCostChange(dollars: number): string {
  return dollars === 0 ? formatCost(0) : `${dollars > 0 ? "+" : "-"}${formatCost(Math.abs(dollars))}`;
}

/** A duration with its two greatest units: `850ms`, `12.3s`, `4m 05s`, `2h 05m`, `3d 04h`. */
export function formatDuration(millis: number): string {
  if (millis < 1000) return `${Math.round(millis)}ms`;
  if (millis < 59_950) return `${(millis / 1000).toFixed(1)}s`;
  const seconds = Math.round(millis / 1000);
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m ${twoDigits(seconds % 60)}s`;
  const minutes = Math.round(millis / 60_000);
  if (minutes < 1440) return `${Math.floor(minutes / 60)}h ${twoDigits(minutes % 60)}m`;
  const hours = Math.round(millis / 3_600_000);
  return `${formatCount(Math.floor(hours / 24))}d ${twoDigits(hours % 24)}h`;
}

/** A share as whole percent; only all is 100 %, only none is 0 %. */
export function formatPercent(share: number): string {
  if (share > 0 && share < 0.005) return "<1%";
  if (share < 1 && share >= 0.995) return ">99%";
  return `${Math.round(share * 100)}%`;
}

/**
 * A score: a share with one decimal, which tells trends; only all is 100 %, only none is 0 %. Any other number with three
 * decimals at most.
 */
export function formatScore(score: number, isShare: boolean): string {
  if (!isShare) return groupThousands(String(Math.round(score * 1000) / 1000));
  if (score > 0 && score < 0.0005) return "<0.1%";
  if (score < 1 && score >= 0.9995) return ">99.9%";
  return `${(score * 100).toFixed(1)}%`;
}

/** A change of a score: of a share in percentage points with one decimal. */
export function formatScoreChange(change: number, isShare: boolean): string {
  const size = Math.abs(change) * (isShare ? 100 : 1);
  const text = isShare ? `${size.toFixed(1)} pp` : groupThousands(String(Math.round(size * 1000) / 1000));
  if (Number.parseFloat(text) === 0) return `= 0${isShare ? " pp" : ""}`;
  return `${change > 0 ? "▲" : "▼"} ${text}`;
}

/** A relative change, `▲ 12%`, `▼ 5%`, `= 0%`. */
export function formatChange(change: number): string {
  return withArrow(change * 100, "%");
}

/** A change of a share in percentage points, `▲ 3 pp`. */
export function formatPointChange(change: number): string {
  return withArrow(change * 100, " pp");
}

function withArrow(value: number, suffix: string): string {
  const rounded = Math.round(Math.abs(value));
  if (rounded === 0) return `= 0${suffix}`;
  return `${value > 0 ? "▲" : "▼"} ${rounded >= 1000 ? ">999" : rounded}${suffix}`;
}

function groupThousands(digits: string): string {
  return digits.replace(/\B(?=(\d{3})+$)/g, ",");
}

function twoDigits(value: number): string {
  return String(value).padStart(2, "0");
}
