/** Row numbers of calls by their quarter hour. Loads nothing, so that a glance at the store can use it. */

/** Quarter hour 0 of row numbers: 2020-01-01. Earlier ones are negative. Part of the file format. */
const BASE_QUARTER_HOUR = 1_753_152;

/** Row numbers of one quarter hour. */
export const PLACES: number = 2 ** 22;

/** How many quarter hours a row's time may lie away from where the row lies. */
export const MAX_STRAY = 4;

/** The row number of a quarter hour's first place. */
export function firstRowOf(quarterHour: number): number {
  return (quarterHour - BASE_QUARTER_HOUR) * PLACES;
}

/** The quarter hour that a row was stored under. */
export function quarterHourOfRow(id: number): number {
  return Math.floor(id / PLACES) + BASE_QUARTER_HOUR;
}
