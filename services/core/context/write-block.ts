import type { CountTokens } from "../tokens/encodings.ts";
import { type ContextItem, type LineSource, lineOf } from "./context-item.ts";
import { type ContextSectionName, HEADINGS } from "./sections.ts";

/** What a number in the text stands for. */
export interface Citation extends LineSource {
  readonly number: number;
  readonly section: ContextSectionName;
}

/** A section as its parts. */
export interface BlockSection {
  readonly section: ContextSectionName;
  readonly heading: string;
  /** Without bullet, date and citation. */
  readonly lines: readonly { readonly text: string; readonly number: number }[];
  /** Of its text. */
  readonly tokens: number;
}

export interface Block {
  /** Empty when there is nothing to say. */
  readonly text: string;
  /** Of the whole text. */
  readonly tokens: number;
  readonly citations: readonly Citation[];
  /** Those that have lines. */
  readonly sections: readonly BlockSection[];
}

/**
 * Writes as many of the items as a budget holds, the last ones giving way: a line each, under its section's heading.
 *
 * @param order of the sections.
 */
export function writeBlock(
  items: readonly ContextItem[],
  order: readonly ContextSectionName[],
  tokenBudget: number,
  count: CountTokens,
): { readonly block: Block; readonly dropped: readonly ContextItem[] } {
  const kept = [...items];
  let block = write(kept, order, count);
  while (block.tokens > tokenBudget && kept.length > 0) {
    kept.pop();
    block = write(kept, order, count);
  }
  return { block, dropped: items.slice(kept.length) };
}

function write(
  items: readonly ContextItem[],
  order: readonly ContextSectionName[],
  count: CountTokens,
): Block {
  const citations: Citation[] = [];
  const texts: string[] = [];
  const sections = order.flatMap((section): BlockSection[] => {
    const ofSection = items.filter((item) => item.section === section);
    if (ofSection.length === 0) return [];
    const numbered = ofSection
      .toSorted((a, b) => a.place - b.place)
      .map((item, index) => ({ item, number: citations.length + index + 1 }));
    citations.push(...numbered.map(({ item, number }) => ({ ...item.source, number, section })));
    const heading = HEADINGS[section];
    const text = [heading, ...numbered.map(({ item, number }) => lineOf(item, number))].join("\n");
    texts.push(text);
    const lines = numbered.map(({ item, number }) => ({ text: item.text, number }));
    return [{ section, heading, lines, tokens: count(text) }];
  });
  const text = texts.join("\n\n");
  return { text, tokens: text === "" ? 0 : count(text), citations, sections };
}
