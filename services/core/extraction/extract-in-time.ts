import { MnemeError } from "../errors.ts";
import type { ExtractionInput, ExtractionOutput, Extractor } from "./extractor.ts";

/**
 * Reads turns in the time that the extractor allows a try. What else a try does has time limits of its own.
 *
 * @throws MnemeError MODEL_TIMEOUT where it took longer, and what the extractor throws.
 */
export async function extractInTime(
  extractor: Extractor,
  input: ExtractionInput,
  signal: AbortSignal | undefined,
): Promise<ExtractionOutput> {
  const ms = extractor.most?.ms;
  if (ms === undefined) return extractor.extract(input, signal);
  const deadline = AbortSignal.timeout(ms);
  const either = signal ? AbortSignal.any([signal, deadline]) : deadline;
  try {
    return await extractor.extract(input, either);
  } catch (error) {
    if (!deadline.aborted || signal?.aborted) throw error;
    throw new MnemeError("deadline_exceeded", "MODEL_TIMEOUT", "reading the messages took too long", {
      metadata: { server: "extractor" },
    });
  }
}
