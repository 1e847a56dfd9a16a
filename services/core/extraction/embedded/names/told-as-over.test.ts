import { expect, test } from "vitest";
import { extract } from "../../testing/conversation.ts";

async function told(said: string): Promise<string[]> {
  const { statements } = await extract(["Rosa", said]);
  return statements.flatMap(({ relations }) =>
    relations.map(({ source, type, target, over }) =>
      [source, type, target, ...(over ? [`${over.from ?? ""}..${over.to}`] : [])].join(" "),
    ),
  );
}

test.each([
  ["Eva worked at Acme from 2015 to 2019.", ["Eva works_at Acme 2015-01-01..2020-01-01"]],
  ["Eva worked at Acme until 2022, now at Bell.", ["Eva works_at Acme ..2023-01-01"]],
  ["I lived in Rome from May 2010 until March 2012.", ["Rosa lives_in Rome 2010-05-01..2012-04-01"]],
  ["I was married to Tom until 2018.", ["Rosa married_to Tom ..2019-01-01"]],
  ["I lived in Rome until 3 May 2020.", ["Rosa lives_in Rome ..2020-05-04"]],
])("%s was so until then", async (said, edges) => {
  expect(await told(said)).toEqual(edges);
});

test.each(["My former boss was Kim.", "Petra was my manager at Acme.", "Eva worked at Acme."])(
  "%s says of no time that it is so",
  async (said) => {
    expect(await told(said)).toEqual([]);
  },
);

test.each([
  ["Eva has worked at Acme since 2015.", ["Eva works_at Acme"]],
  ["My dad was called Karl.", ["Rosa has_dad Karl"]],
  ["Sarah recommended Rust.", ["Sarah recommended Rust"]],
])("%s stays so", async (said, edges) => {
  expect(await told(said)).toEqual(edges);
});
