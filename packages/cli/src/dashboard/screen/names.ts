/** Names and times where there is little room. Pure, apart from what the system knows of zones. */

/** The last part of a path. */
export function shortName(path: string): string {
  const parts = path.split(/[/\\]/).filter((part) => part !== "");
  return parts.at(-1) ?? path;
}

const clocks = new Map<string, Intl.DateTimeFormat>();

/** `12:34:56` by the zone's clock. */
export function clockText(time: string, timeZone: string): string {
  let clock = clocks.get(timeZone);
  if (clock === undefined) {
    // Making one takes milliseconds.
    clock = new Intl.DateTimeFormat("en-GB", { timeZone, hour: "2-digit", minute: "2-digit", second: "2-digit" });
    clocks.set(timeZone, clock);
  }
  return clock.format(Date.parse(time));
}

const WEEKDAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"] as const;

/** `Mon` for a date. */
export function weekdayOf(date: string): string {
  return WEEKDAYS[new Date(`${date}T00:00:00Z`).getUTCDay()] ?? "";
}
