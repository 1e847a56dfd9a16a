import { sayingOf } from "../memory/saying.ts";
import { DAY_MS } from "../time/day.ts";
import { groupOf, type ProfileLine, type ProfileMemory, type ProfileSource } from "./profile.ts";

/** Days after which what was said counts half as recent. */
const HALF_LIFE = 365;
/** Said so often, it can't become surer by being said again. */
const OFTEN = 8;
const KIND = { semantic: 1, procedural: 1, episodic: 0.6 } as const;
const ORIGIN = { stated: 1, tool: 0.95, inferred: 0.85 } as const;
/** What the next line of a group is worth beside the one before it: twenty jobs must not hide the family. */
const NEXT_OF_GROUP = 0.9;

/**
 * Lines of a profile, best first over all groups: one for each thing that memories say, with the sources of all that
 * say it in the same words. What matters more, is surer, was said more often and more lately comes first; lines of one
 * group give way to those of others.
 *
 * @param now what recency counts from.
 */
export function profileLines(memories: readonly ProfileMemory[], now: Date): ProfileLine[] {
  const ranked = [...Map.groupBy(memories, ({ text }) => sayingOf(text)).values()]
    .map((same) => rank(same, now))
    .toSorted((a, b) => b.worth - a.worth);
  const places = new Map<string, number>();
  return ranked
    .map(({ line, worth }) => {
      const place = places.get(line.group) ?? 0;
      places.set(line.group, place + 1);
      return { line, worth: worth * NEXT_OF_GROUP ** place };
    })
    .toSorted((a, b) => b.worth - a.worth)
    .map(({ line }) => line);
}

interface Ranked {
  readonly line: ProfileLine;
  readonly worth: number;
}

/** @param same what says the same, at least one. */
function rank(same: readonly ProfileMemory[], now: Date): Ranked {
  const sources = distinct(same.flatMap((memory) => memory.sources));
  const lastSaidAt = sources.at(-1)?.sentAt ?? new Date(0);
  const often = Math.min(1, Math.log2(1 + sources.length) / Math.log2(1 + OFTEN));
  const days = Math.max(0, (now.getTime() - lastSaidAt.getTime()) / DAY_MS);
  const spoken = 0.2 * often + 0.15 * 0.5 ** (days / HALF_LIFE);
  const worthOf = ({ importance, confidence, kind, origin }: ProfileMemory) =>
    (0.45 * importance + 0.2 * confidence + spoken) * KIND[kind] * ORIGIN[origin];
  const [best, ...others] = same.toSorted((a, b) => worthOf(b) - worthOf(a)) as [
    ProfileMemory,
    ...ProfileMemory[],
  ];
  const { text, kind, category, confidence, origin } = best;
  return {
    worth: worthOf(best),
    line: {
      group: groupOf(best),
      text,
      kind,
      category,
      confidence,
      origin,
      memoryIds: [best, ...others].map(({ id }) => id),
      messageIds: sources.map(({ messageId }) => messageId),
      since: new Date(Math.min(...same.map(({ validFrom }) => validFrom.getTime()))),
      lastSaidAt,
    },
  };
}

/** Each message once, oldest first. */
function distinct(sources: readonly ProfileSource[]): ProfileSource[] {
  const byMessage = new Map(sources.map((source) => [source.messageId, source]));
  return [...byMessage.values()].sort((a, b) => a.sentAt.getTime() - b.sentAt.getTime());
}
