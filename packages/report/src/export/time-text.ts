/** Times as text, for millions of them. */
const MINUTE_MILLIS = 60_000;
/** What is behind the minutes of a time: `00.000Z`. */
const SECONDS_CHARACTERS = 7;

/**
 * Tells milliseconds since 1970 as `Date.toISOString` does, which takes several times as long: rows are in the order of
 * time, so most of them have the minute of the row before.
 * @returns a function that throws `RangeError` for what is no time of a `Date`.
 */
export function createTimeText(): (millis: number) => string {
  let lastMinute = Number.NaN;
  let minuteText = "";
  return (millis) => {
    const minute = Math.floor(millis / MINUTE_MILLIS);
    if (minute !== lastMinute) {
      minuteText = new Date(millis).toISOString().slice(0, -SECONDS_CHARACTERS);
      lastMinute = minute;
    }
    const rest = String(millis - minute * MINUTE_MILLIS).padStart(5, "0");
    return `${minuteText}${rest.slice(0, 2)}.${rest.slice(2)}Z`;
  };
}
