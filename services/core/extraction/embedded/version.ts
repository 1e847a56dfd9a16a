/** Raised with every release that could give the same input another output. */
export const EMBEDDED_EXTRACTOR_VERSION = "15";
