import { expect, test } from "vitest";
import { statementsOf } from "../../testing/conversation.ts";

test.each([
  ["Will is my boss", "Will is Rosa's boss."],
  ["May is my aunt", "May is Rosa's aunt."],
  ["Mark is my cousin", "Mark is Rosa's cousin."],
  ["Will's brother is my boss.", "Will's brother is Rosa's boss."],
  ["Will and I went to Graz.", "Will and Rosa went to Graz."],
  ["Grace and I went to Graz.", "Grace and Rosa went to Graz."],
  ["Joy called me", "Joy called Rosa."],
  ["Will has a dog.", "Rosa said: Will has a dog."],
  ["June is my aunt.", "June is Rosa's aunt."],
  ["June called me yesterday.", "June called Rosa on 5 May 2026."],
  ["April and I went to Graz.", "April and Rosa went to Graz."],
  ["Will be there on Friday.", "Rosa said: will be there on 8 May 2026."],
  ["June was cold.", "Rosa said: June 2025 was cold."],
  ["May I bring my dog?", "Rosa asked Emil: may Rosa bring Rosa's dog?"],
])("a name in front: %s", async (said, written) => {
  expect(await statementsOf(["Emil", "Hi Rosa!"], ["Rosa", said])).toEqual([written]);
});

test.each([
  ["Meet Ida! Born on 29 November", "Rosa introduced Ida. Born on 29 November."],
  ["Meet my new dog Bo!", "Rosa introduced Rosa's new dog Bo."],
  ["Meet Ida at the station!", "Rosa told Emil to meet Ida at the station."],
  ["Meet me tomorrow!", "Rosa told Emil to meet Rosa on 7 May 2026."],
])("who is introduced: %s", async (said, written) => {
  expect(await statementsOf(["Emil", "Hi Rosa!"], ["Rosa", said])).toEqual([written]);
});
