import { plainDraft } from "./plain-draft.ts";

/** A finished statement with every member at its default but those given. */
export const draftOf = plainDraft;
