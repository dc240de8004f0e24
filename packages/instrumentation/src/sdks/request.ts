/** Reads what a request says of itself. */
import { shapeOf } from "../usage/shape.ts";

/** The model in the request, which is the first argument. */
export function modelOf(args: readonly unknown[]): unknown {
  return shapeOf(args[0])?.["model"];
}

/** Where the client of a resource sends its requests. */
export function serverOf(resource: unknown): { serverAddress?: string; serverPort?: number } {
  return serverAt(shapeOf(shapeOf(resource)?.["_client"])?.["baseURL"]);
}

/** The server at an address; the port only where it is not the usual one. */
export function serverAt(baseUrl: unknown): { serverAddress?: string; serverPort?: number } {
  if (typeof baseUrl !== "string" || !URL.canParse(baseUrl)) return {};
  const { hostname, port } = new URL(baseUrl);
  return port === "" ? { serverAddress: hostname } : { serverAddress: hostname, serverPort: Number(port) };
}
