import { describe, expect, test } from "vitest";
import { extract, type Line } from "../../testing/conversation.ts";
import { possessionsIn } from "./possessions.ts";

/** "Sarah > recommended > Rust", of all statements. */
async function told(...lines: readonly Line[]): Promise<string[]> {
  const { statements } = await extract(...lines);
  return statements.flatMap(({ relations }) =>
    relations.map(({ source, type, target }) => `${source} > ${type} > ${target}`),
  );
}

describe("whoever is named, and not only who speaks", () => {
  test.each([
    ["My friend Sarah recommended Rust to me.", "Sarah > recommended > Rust"],
    ["Sarah suggested that I try Postgres.", "Sarah > recommended > Postgres"],
    ["I talked to Sarah, she recommended Postgres for storage.", "Sarah > recommended > Postgres"],
    ["Sarah told me to use Docker.", "Sarah > recommended > Docker"],
    ["Sarah suggested Rust for my project.", "Rust > recommended_for > Rosa's project"],
    ["My doctor recommended ibuprofen for my back pain.", "Rosa's doctor > recommended > ibuprofen"],
    ["I'm using Rust for my new project now.", "Rust > used_for > Rosa's project"],
    ["My project is written in Rust.", "Rust > used_for > Rosa's project"],
    ["I built my app with Postgres.", "Postgres > used_for > Rosa's app"],
    ["I built my app with Postgres.", "Rosa > has > Rosa's app"],
    ["Robert, everyone calls him Bob, is my boss.", "Robert > also_called > Bob"],
    ["Robert is my manager, everyone calls him Bob.", "Robert > also_called > Bob"],
    ["Robert is my manager. Everyone calls him Bob.", "Robert > also_called > Bob"],
    ["My manager is Robert, but everyone calls him Bob.", "Robert > also_called > Bob"],
    ["My colleague Robert goes by Bob.", "Robert > also_called > Bob"],
    ["Tom works at Acme.", "Tom > works_at > Acme"],
    ["Alpine Rail is based in Zurich.", "Alpine Rail > located_in > Zurich"],
    ["Tom is a member of the chess club.", "Tom > member_of > chess club"],
    ["My brother Tom's wife Anna lives in Oslo.", "Tom > has_wife > Anna"],
    ["My brother Tom's wife Anna lives in Oslo.", "Anna > lives_in > Oslo"],
    ["Anna is married to Tom.", "Anna > married_to > Tom"],
    ["I prefer tea over coffee.", "Rosa > prefers > tea"],
    ["Sarah told me I should try Postgres.", "Sarah > recommended > Postgres"],
  ])("%s: %s", async (said, relation) => {
    expect(await told(["Rosa", said])).toContain(relation);
  });

  test("a user without a name owns what is theirs", async () => {
    expect(await told(["user", "My project is written in Rust."])).toContain(
      "Rust > used_for > the user's project",
    );
    expect(await told(["user", "I prefer tea over coffee."])).toContain("the user > prefers > tea");
    expect(await told(["user", "Sarah told me I should try Postgres."])).toEqual([
      "Sarah > recommended > Postgres",
    ]);
  });

  test.each([
    "If Sarah recommended Rust, I would use it.",
    "Sarah never recommended Rust.",
    "Sarah didn't suggest Rust for my project.",
    "I wish my project was written in Rust.",
    "Sarah recommended going there.",
    "Sarah suggested it.",
    "Sarah proposed to Emil on Friday.",
    "Sarah proposed to me in Paris.",
  ])("nothing is told by: %s", async (said) => {
    const recommended = (await told(["Rosa", said])).filter((one) => /recommended|used_for/.test(one));
    expect(recommended).toEqual([]);
  });
});

test.each([
  "Sarah told me I should try Postgres.",
  "Sarah told me to ask Emil about Postgres.",
  "Sarah suggested that I ask Emil.",
  "Sarah suggested I meet Emil.",
])("nobody is recommended whom advice is for: %s", async (said) => {
  const people = (await told(["Rosa", said])).filter((one) => /recommended > (?:Rosa|Emil)/.test(one));
  expect(people).toEqual([]);
});

test("a text that holds the marks of names is read as any other", async () => {
  expect(await told(["Rosa", "\uE000Sarah\uE001 recommended \uE003Rust."])).toEqual(
    await told(["Rosa", "Sarah recommended Rust."]),
  );
});

test("a question's possessions are those of whoever may ask", () => {
  expect(possessionsIn("What did Sarah suggest for my new project?", ["Rosa"])).toEqual(["Rosa's project"]);
  expect(possessionsIn("Who knows my back pain?", ["Rosa", "the user"])).toEqual([
    "Rosa's back pain",
    "Rosa's back",
    "the user's back pain",
    "the user's back",
  ]);
  expect(possessionsIn("What is Emil's boat made of?", [])).toEqual(["Emil's boat made", "Emil's boat"]);
  expect(possessionsIn("Who is it?", ["Rosa"])).toEqual([]);
});
