import { isUtf8 } from "node:buffer";
import { UsageError } from "../failure.ts";

const ADVICE = "save it as UTF-8, or convert it: iconv -f LATIN1 -t UTF-8";

/** Leaves out a byte order mark, which many editors write. */
const decoder = new TextDecoder("utf-8", { fatal: true });

/**
 * The text that these bytes are in UTF-8. Lenient decoding would store other letters than were sent.
 *
 * @param source what they were read from, for the error.
 * @throws UsageError naming the source, and the line where there are several.
 */
export function decodeUtf8(bytes: Uint8Array, source: string): string {
  try {
    return decoder.decode(bytes);
  } catch (cause) {
    throw new UsageError(`${source}${lineOf(bytes)} is not UTF-8 text; ${ADVICE}`, { cause });
  }
}

/** Where the first fault stands; no character of more bytes than one holds the byte of a line break. */
function lineOf(bytes: Uint8Array): string {
  if (!bytes.includes(LINE_FEED)) return "";
  let line = 1;
  for (let start = 0; start < bytes.length; line++) {
    const next = bytes.indexOf(LINE_FEED, start);
    const end = next < 0 ? bytes.length : next;
    if (!isUtf8(bytes.subarray(start, end))) break;
    start = end + 1;
  }
  return `, line ${line},`;
}

const LINE_FEED = 0x0a;
