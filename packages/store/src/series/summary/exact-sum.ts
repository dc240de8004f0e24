/** Adding numbers that are integers of 64 bits or doubles. */

type Numeric = number | bigint;

/** The sum: exact for integers, which come as bigint beyond 2^53. */
export function add(a: Numeric, b: Numeric): Numeric {
  if (typeof a === "number" && typeof b === "number") {
    const sum = a + b;
    if (Number.isSafeInteger(sum) || !Number.isSafeInteger(a) || !Number.isSafeInteger(b)) return sum;
  }
  if (!isInteger(a) || !isInteger(b)) return Number(a) + Number(b);
  return shortest(BigInt(a) + BigInt(b));
}

/** The difference, as {@link add}. */
export function subtract(a: Numeric, b: Numeric): Numeric {
  return add(a, typeof b === "bigint" ? -b : -b);
}

/** As a number where a number holds it exactly. */
export function shortest(value: bigint): Numeric {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

function isInteger(value: Numeric): boolean {
  return typeof value === "bigint" || Number.isSafeInteger(value);
}
