/** Hashes of the ids that products give to calls. */
import { hash53Behind, joinKey } from "@moai-metrics/model";

/** Facts come in runs of one product, so its part of the hash is kept. */
let lastProduct: string | undefined;
let hashInLast = hash53Behind("");

/** The 53-bit hash of a natural key: product and id. */
export function hashOfId(product: string, id: string): number {
  if (product !== lastProduct) {
    hashInLast = hash53Behind(joinKey(product, ""));
    lastProduct = product;
  }
  return hashInLast(id);
}
