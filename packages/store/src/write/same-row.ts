/** Whether writing a row would change it. */

/** Compares a row from the file with the values for its columns, which come in the same order. */
export function isSameRow(
  row: object,
  columns: readonly string[],
  values: readonly (number | string | null)[],
): boolean {
  const stored = row as Readonly<Record<string, number | string | null>>;
  return columns.every((column, i) => stored[column] === values[i]);
}
