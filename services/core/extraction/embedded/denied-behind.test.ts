import { expect, it } from "vitest";
import { statementsOf } from "../testing/conversation.ts";

it.each([
  ["My doctor thinks I'm depressed. I'm not.", "Rosa's doctor thinks Rosa is depressed, but Rosa is not."],
  ["Rumour has it that I'm pregnant. I'm not!", "Rumour has it that Rosa is pregnant, but Rosa is not."],
  ["My boss said I'd be promoted. I wasn't.", "Rosa's boss said Rosa would be promoted, but Rosa wasn't."],
])("keeps with its denial: %s", async (said, written) => {
  expect(await statementsOf(["Rosa", said])).toEqual([written]);
});

it("takes no new sentence for a denial", async () => {
  const [told] = await statementsOf(["Rosa", "I moved to Rome. I'm not fond of Milan."]);
  expect(told).not.toContain(", but");
});
