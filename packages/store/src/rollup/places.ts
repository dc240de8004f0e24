/** Row numbers of rollups. Part of the file format. */
/** Projects are numbered by their name in `string`; this many names fit beside a quarter hour. */
const MAX_NAMES = 2 ** 30;
const MAX_QUARTER_HOURS = 2 ** 24;
const MAX_PARTS = 2 ** 6;

export const QUARTER_HOURS_A_DAY = 96;

/** The row of a sheet. */
export function sheetId(quarterHour: number, projectId: number): number {
  return quarterHour * MAX_NAMES + projectId;
}

export function quarterHourOfSheet(id: number): number {
  return Math.floor(id / MAX_NAMES);
}

export function projectOfSheet(id: number): number {
  return id % MAX_NAMES;
}

/** The row of a part of a closed block: a block is one day at one level. */
export function partId(level: number, firstQuarterHour: number, part: number): number {
  return (level * MAX_QUARTER_HOURS + firstQuarterHour) * MAX_PARTS + part;
}

/** Quarter hours of each cell, by UTC day. */
export const LEVEL_QUARTER_HOURS = 0;
/** Quarter hours of all cells together, by UTC day. */
export const LEVEL_EVERYTHING = 1;

/** Whole days of a zone; zones are numbered from 1. */
export function levelOfZone(zoneId: number): number {
  return LEVEL_EVERYTHING + zoneId;
}

const FIRST_MARGIN_LEVEL = 2 ** 14;

/** Whole days of a zone, added up along each dimension. */
export function marginLevelOfZone(zoneId: number): number {
  return FIRST_MARGIN_LEVEL + zoneId;
}

/** Quarter hours added up along each dimension, by UTC day: without histograms, which would double them. */
export const LEVEL_QUARTER_HOUR_MARGINS: number = marginLevelOfZone(0);

/** UTC days are kept always: their directory says which days are closed. */
export const UTC_ZONE_ID = 1;

/** The UTC day of a quarter hour, counted from 1970. */
export function dayOfQuarterHour(quarterHour: number): number {
  return Math.floor(quarterHour / QUARTER_HOURS_A_DAY);
}
