/** The product as facts name it. */
export const PRODUCT = "gemini-cli";
