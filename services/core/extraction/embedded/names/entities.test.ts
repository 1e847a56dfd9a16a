import { describe, expect, test } from "vitest";
import { entitiesOf, namesInside } from "./entities.ts";
import { relationsOf } from "./relations.ts";

/** Types by name, participants left out. */
function typesOf(text: string): Record<string, string> {
  const named = entitiesOf(text, ["Ana"], namesInside([text])).filter(({ name }) => name !== "Ana");
  return Object.fromEntries(named.map(({ name, type }) => [name, type]));
}

describe("the type of a name", () => {
  test.each([
    ["Sofia reports to Ana.", { Sofia: "person" }],
    ["Ana lost AB-12/C-7 and visited Rome/Paris.", { "AB-12/C-7": "other", Rome: "place", Paris: "place" }],
    ["Ana pays AM-2026/1017-B and 88341-ZK.", { "AM-2026/1017-B": "other", "88341-ZK": "other" }],
    ["Ana sold Ana's boat to Hugo.", { Hugo: "person" }],
    ["Ana's manager Ivo called.", { Ivo: "person" }],
    ["Yuki told Ana about it.", { Yuki: "person" }],
    ["Mark's wedding was cold.", { Mark: "person" }],
    ["Ana believes in Clara.", { Clara: "person" }],
    ["Dr. Weber and Aunt Sally sang.", { "Dr. Weber": "person", "Aunt Sally": "person" }],
    ["Ana loves novels by Frank Herbert.", { "Frank Herbert": "person" }],
    ["Ana programs in Kotlin and writes reports in Excel.", { Kotlin: "product", Excel: "product" }],
    ["Ana moved from Trello to Jira.", { Trello: "product", Jira: "product" }],
    ["Ana learns Dutch.", { Dutch: "other" }],
    ["Ana went from Vienna to Yerevan.", { Vienna: "place", Yerevan: "place" }],
    ["Paris is loud.", { Paris: "place" }],
    ["Ana visited Hugo in Charlotte.", { Hugo: "person", Charlotte: "place" }],
    ["Ana works at Kestrel.", { Kestrel: "organization" }],
    ["Ana studied at the University of Graz.", { "University of Graz": "organization" }],
    ["Bruno is Ana's dog, and the cat is named Miso.", { Bruno: "animal", Miso: "animal" }],
    ["Ana watched Inception.", { Inception: "work" }],
    ["Later Ivo sang. Yesterday Clara came.", { Ivo: "person", Clara: "person" }],
  ])("%s", (text, types) => {
    expect(typesOf(text)).toEqual(types);
  });

  test.each([
    "Rose petals fell.",
    "It was so INTENSE.",
    "Ana dyed it. Will it last? Clear skies came.",
    "Ana bought an iPhone.",
  ])("what is no name is none: %s", (text) => {
    expect(typesOf(text)).toEqual({});
  });

  test("who has no name is nobody, but for the user", () => {
    const participants = ["the user", "the tool", "the other person", "the assistant"];
    const text = "The user told the other person, the assistant and the tool about the guy.";
    expect(entitiesOf(text, participants, new Set())).toEqual([{ name: "the user", type: "person" }]);
  });
});

describe("what a statement relates", () => {
  const related = (text: string) =>
    relationsOf(text, entitiesOf(text, ["Ana"], namesInside([text])), ["Ana"]);

  test.each([
    ["Ana's teacher Ms. Klein sang.", { source: "Ana", type: "has_teacher", target: "Ms. Klein" }],
    ["Ana moved to Vienna.", { source: "Ana", type: "lives_in", target: "Vienna" }],
    ["Ana works with Hugo for Hugo.", { source: "Ana", type: "works_with", target: "Hugo" }],
  ])("%s", (text, relation) => {
    expect(related(text)).toEqual([relation]);
  });

  test.each([
    "Ana moved to Slack.",
    "Ana plans to meet them.",
    "Ana loves Ana's boat.",
    "Ana said they met their brother Hugo.",
  ])("nothing is: %s", (text) => {
    expect(related(text)).toEqual([]);
  });
});
