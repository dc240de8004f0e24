/** Times as text, for millions of them. */
const MINUTE_MILLIS = 60_000;
const SECOND_MILLIS = 1_000;
/** What is behind the minutes of a time: `00.000Z`. */
const SECONDS_CHARACTERS = 7;

const SECONDS = Array.from({ length: 60 }, (_, i) => `${String(i).padStart(2, "0")}.`);
const MILLIS = Array.from({ length: SECOND_MILLIS }, (_, i) => `${String(i).padStart(3, "0")}Z`);

/**
 * Tells milliseconds since 1970 as `Date.toISOString` does, which takes several times as long: rows are in the order of
 * time, so most of them have the minute of the row before.
 * @returns a function of whole milliseconds that throws `RangeError` for what is no time of a `Date`.
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
    const rest = millis - minute * MINUTE_MILLIS;
    const second = Math.floor(rest / SECOND_MILLIS);
    return minuteText + SECONDS[second] + MILLIS[rest - second * SECOND_MILLIS];
  };
}
