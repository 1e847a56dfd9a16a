import type { ExtractionState } from "@mneme/sdk";
import pg from "pg";
import { sharedStack } from "./shared-stack.ts";

/** Changes states of extractions in the record of the shared stack, one by one, as no worker could be told to. */
export interface ExtractionStates extends AsyncDisposable {
  /** Commits; whoever watches hears of it. */
  set(extractionId: string, state: ExtractionState): Promise<void>;
}

export function openExtractionStates(): ExtractionStates {
  const pool = new pg.Pool({ connectionString: sharedStack().adminUrl, max: 1 });
  return {
    async set(extractionId, state) {
      const { rowCount } = await pool.query("update mneme.extractions set state = $2 where id = $1", [
        extractionId,
        state,
      ]);
      if (rowCount !== 1) throw new Error("there is no such extraction");
    },
    [Symbol.asyncDispose]: () => pool.end(),
  };
}
