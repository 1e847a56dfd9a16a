import type { ArchiveReason, RestoreReason } from "./archive.ts";
import type { HistoryEntry, HistoryEvent, HistorySource } from "./history.ts";

/** A history as sentences, one a line, in English: days are UTC. */
export function storyOf(entries: readonly HistoryEntry[]): string {
  const textOf = new Map(entries.map(({ memoryId, text }) => [memoryId, text]));
  return entries
    .map((entry) => [sentence(entry, textOf), decision(entry)].filter((part) => part !== "").join(" "))
    .join("\n");
}

function sentence(entry: HistoryEntry, textOf: ReadonlyMap<string, string>): string {
  const { event, sources, recordedAt, text, changed, validTo } = entry;
  const [source] = sources;
  const known = dayOf(recordedAt);
  switch (event) {
    case "told":
      return `${saying(source, known)}: ${quoted(text)}${held(entry)}.`;
    case "imported":
      return `On ${known} it was imported: ${quoted(text)}${held(entry)}.`;
    case "consolidated": {
      const made = `On ${known} it was made of ${entry.madeOf?.length ?? 0} episodes`;
      return `${made} up to ${dayOf(entry.validFrom)}: ${quoted(text)}.`;
    }
    case "said_again":
      return `${saying(source, known)} again.`;
    case "reworded":
      return `${saying(source, known)}, and it reads since: ${quoted(text)}.`;
    case "ended": {
      const by = textOf.get(entry.replacedBy ?? "");
      const because = source ? ` because ${spoken(source)}` : "";
      if (entry.extractor === REPLAY)
        return `On ${known} ${quoted(text)} was not found any more when the conversation was read again; it was never so.`;
      const until = validTo ? `; ${lasted(entry.validFrom, validTo)}` : "";
      return `On ${known} ${quoted(text)} ended${by ? `, replaced by ${quoted(by)}` : ""}${because}${until}.`;
    }
    case "archived":
      return `On ${known} ${quoted(text)} was archived${entry.archiveReason ? `: ${ARCHIVED[entry.archiveReason]}` : ""}.`;
    case "restored":
      return `On ${known} it came back from the archive${entry.restoreReason ? `: ${RESTORED[entry.restoreReason]}` : ""}.`;
    case "by_hand":
    case "changed": {
      const now = changed.includes("text") ? `, and it reads since: ${quoted(text)}` : "";
      const who = event === "by_hand" ? "changed by hand" : "changed";
      // A version of its own that reads as before: what was set is how long it is kept, or when it is looked at.
      const what =
        changed.map((member) => worded(member, entry)).join(", ") || "when it expires or is reviewed";
      return `On ${known} it was ${who} (${what})${now}.`;
    }
  }
}

const ARCHIVED: Readonly<Record<ArchiveReason, string>> = {
  by_hand: "somebody asked for it",
  consolidated: "a summary tells it",
  faded: "it faded with time",
  inactive: "nobody had been there for long",
  stale: "its review was overdue",
  full: "there was no more room for it",
};
const RESTORED: Readonly<Record<RestoreReason, string>> = {
  by_hand: "somebody asked for it",
  told_again: "it was told again",
  returned: "its person returned",
  undone: "what archived it was undone",
};
/** What no extractor or model decided. */
const UNDECIDED: ReadonlySet<HistoryEvent> = new Set(["by_hand", "archived", "restored"]);

/** Who ends what a replay does not find. */
const REPLAY = "replay";

function lasted(from: Date, to: Date): string {
  return to > from ? `it was so until ${dayOf(to)}` : "it was never so";
}

function worded(member: string, { validFrom, validTo, turned }: HistoryEntry): string {
  const both = turned?.[member];
  if (both) return `${member} from ${both.map((value) => value || "none").join(" to ")}`;
  if (member === "valid_from") return `so since ${dayOf(validFrom)}`;
  if (member === "valid_to") return validTo ? `so until ${dayOf(validTo)}` : "still so";
  return member;
}

function saying(source: HistorySource | undefined, known: string): string {
  return source ? `On ${dayOf(source.sentAt)} ${spoken(source)}` : `On ${known} it was told`;
}

function spoken({ name, role, quote }: HistorySource): string {
  return `${name ?? `the ${role}`} said ${quote === "" ? "so" : quoted(quote)}`;
}

/** Where it is told of another day than that on which it was told. */
function held({ validFrom, validTo, sources, recordedAt }: HistoryEntry): string {
  const told = dayOf(sources[0]?.sentAt ?? recordedAt);
  const since = dayOf(validFrom) === told ? "" : `, so since ${dayOf(validFrom)}`;
  return validTo ? `${since}, so until ${dayOf(validTo)}` : since;
}

function decision({ extractor, extractorVersion, outcome, rule, event, replaces }: HistoryEntry): string {
  if (UNDECIDED.has(event)) return "";
  const replacing = replaces.length > 0 ? `, replacing ${replaces.join(", ")}` : "";
  return `[${extractor} ${extractorVersion}: ${outcome}${rule ? ` by ${rule}` : ""}${replacing}]`;
}

function quoted(text: string): string {
  return `“${text.replace(/\s+/gu, " ").trim()}”`;
}

const DAY = new Intl.DateTimeFormat("en-GB", {
  day: "numeric",
  month: "long",
  year: "numeric",
  timeZone: "UTC",
});

function dayOf(date: Date): string {
  return DAY.format(date);
}
