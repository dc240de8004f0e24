/** The product as facts name it, where no agent's own is known. */
export const PRODUCT = "moai";
