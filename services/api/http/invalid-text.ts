import { configureTextEncoding, getTextEncoding } from "@bufbuild/protobuf/wire";

const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const lenient = new TextDecoder("utf-8", { ignoreBOM: true });

/**
 * Decodes UTF-8. What is not UTF-8 becomes a lone surrogate, which no valid text can hold, so that the
 * check of a message's text finds it and can say in which field it stands.
 */
export function decodeMarkingFaults(bytes: Uint8Array): string {
  try {
    return strict.decode(bytes);
  } catch {
    return lenient.decode(bytes).replaceAll("\ufffd", "\ud800");
  }
}

/**
 * Makes the Protobuf parser decode like that in this process. Left alone, it stops at invalid UTF-8 with
 * an error that names no field.
 */
export function markInvalidText(): void {
  configureTextEncoding({ ...getTextEncoding(), decodeUtf8: decodeMarkingFaults });
}
