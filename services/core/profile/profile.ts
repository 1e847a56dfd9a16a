import type { MemoryKind, MemoryOrigin, Metadata } from "../memory/memory.ts";

/** In the order in which a profile tells them. */
export const PROFILE_GROUPS = [
  "identity",
  "home",
  "work",
  "people",
  "health",
  "preferences",
  "routines",
  "plans",
  "other",
] as const;
export type ProfileGroupName = (typeof PROFILE_GROUPS)[number];

/** One memory of a person, as far as a profile needs it. */
export interface ProfileMemory {
  readonly id: string;
  readonly text: string;
  readonly kind: MemoryKind;
  readonly category: string;
  /** 0..1. */
  readonly confidence: number;
  /** 0..1. */
  readonly importance: number;
  readonly origin: MemoryOrigin;
  readonly metadata: Metadata;
  /** Since when it is so in the world. */
  readonly validFrom: Date;
  /** Each message that says it, once, oldest first; at least one. */
  readonly sources: readonly ProfileSource[];
  /** Those of `ONE_VALUE_SLOTS` that it tells of. */
  readonly slots: readonly string[];
}

export interface ProfileSource {
  readonly messageId: string;
  readonly sentAt: Date;
}

/** What one line of a profile says, and what it rests on. */
export interface ProfileLine {
  readonly group: ProfileGroupName;
  readonly text: string;
  readonly kind: MemoryKind;
  readonly category: string;
  readonly confidence: number;
  readonly origin: MemoryOrigin;
  /** The one whose words these are first; the others say the same to other audiences. */
  readonly memoryIds: readonly string[];
  /** Oldest first, at most 20 of a memory. */
  readonly messageIds: readonly string[];
  /** Since when it is so in the world, as far as its memories know. */
  readonly since: Date;
  readonly lastSaidAt: Date;
}

/** A profile's lines of one sort, best first. */
export interface ProfileGroup {
  readonly name: ProfileGroupName;
  readonly lines: readonly ProfileLine[];
}

const GROUP_OF: Readonly<Record<string, ProfileGroupName>> = {
  identity: "identity",
  home: "home",
  work: "work",
  education: "work",
  finance: "work",
  family: "people",
  relationships: "people",
  pets: "people",
  health: "health",
  preferences: "preferences",
  food: "preferences",
  hobbies: "preferences",
  plans: "plans",
};

/** How things are done is a routine, whatever it is about; everything else goes by its category, case apart. */
export function groupOf({ kind, category }: Pick<ProfileMemory, "kind" | "category">): ProfileGroupName {
  if (kind === "procedural") return "routines";
  const name = category.trim().toLowerCase();
  return Object.hasOwn(GROUP_OF, name) ? (GROUP_OF[name] ?? "other") : "other";
}

/**
 * Categories, in lower case, whose events tell who somebody is: that she moved to Lisbon says where she lives. Other
 * events are no part of a profile.
 */
export const TELLING_EVENTS: readonly string[] = [
  "identity",
  "home",
  "work",
  "education",
  "family",
  "relationships",
  "pets",
  "health",
  "plans",
];
