/** Loads what draws. */

/**
 * Loads Ink, without `fetch` for as long as that takes: the layout engine's WebAssembly lies in its own source, and is
 * fetched from there where there is a `fetch`, for which Node loads all of its HTTP client. Without one it is decoded.
 */
export async function loadScreen(): Promise<typeof import("./show-app.ts")> {
  // React's other build is slower, and keeps a note of every frame for its developer tools.
  process.env["NODE_ENV"] ??= "production";
  const fetch = Object.getOwnPropertyDescriptor(globalThis, "fetch");
  Reflect.deleteProperty(globalThis, "fetch");
  try {
    return await import("./show-app.ts");
  } finally {
    if (fetch !== undefined) Object.defineProperty(globalThis, "fetch", fetch);
  }
}
