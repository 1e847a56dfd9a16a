import fc from "fast-check";
import { expect, test } from "vitest";
import { isCode } from "./code.ts";
import { unveil, veil, verbatimStretches, withoutVeils } from "./verbatim.ts";

function stretches(text: string): string[] {
  return verbatimStretches(text).map(({ start, end }) => text.slice(start, end));
}

test.each([
  ['She said "I love you" and left.', ['"I love you"']],
  ["He yelled “me first!” and ran.", ["“me first!”"]],
  ["She whispered 'I'm tired' to us.", ["'I'm tired'"]],
  ["My sisters' flat isn't far, is it?", []],
  ['The 6" pipe and the 8" pipe are mine.', []],
  ["Run `print(i)` for me.", ["`print(i)`"]],
  ["My favourite song is I Will Always Love You by Dolly.", ["I Will Always Love You"]],
  ["We watched You've Got Mail.", ["You've Got Mail"]],
  ["I Am so happy", []],
  ["My Mom came.", []],
  ["My boss told me: I am late. I left.", ["I am late"]],
  ["Translate into French: I am hungry", ["I am hungry"]],
  ["My wife wrote me this: I am leaving.", ["I am leaving"]],
  ["My plan: I will leave.", []],
  ["Tom was like, I can't go. He left.", ["I can't go"]],
  ["It was like, I don't know, ten euros.", []],
  ["Tom was like, no way!", ["no way"]],
  ["She was like, oh my god.", ["oh my god"]],
  ["Mum was like, maybe we should move.", ["maybe we should move"]],
  ["He was like, what are you doing?", ["what are you doing"]],
  ["She's like, leave me alone.", ["leave me alone"]],
  ["Tom was like, my dad will be mad.", ["my dad will be mad"]],
  ["I was like, it's my turn.", ["it's my turn"]],
  ["I was like, don't go.", ["don't go"]],
  ["I was like, I don't know.", ["I don't know"]],
  ["My boss was like, totally furious yesterday.", []],
  ["I was like, really sick on Monday.", []],
  ["My kids were like, five and six.", []],
  ["Ana is like, really tall.", []],
  ["He was like, I don't know, forty.", []],
  ["I was like, I was so sick on Monday.", []],
  ["It's like, I can't stop.", []],
  ["She was like, you know, so happy that I came.", []],
  ["Ana was like, my best friend.", []],
  ["Ana was like, my friend who is ill.", []],
  ["My dad was like, the best cook I know.", []],
  ["My son is like, he started school on Monday.", []],
  ["We were like, open on Monday.", []],
  ["https://a.org/me?i=1&c=2.", ["https://a.org/me?i=1&c=2"]],
  ["See (www.my.org/you), please!", ["www.my.org/you"]],
  ["C:\\Users\\me\\i.txt, /home/me/x or ~/me.", ["C:\\Users\\me\\i.txt", "/home/me/x", "~/me"]],
  ["Mail me@x.org or @me, tag #me on foo.me.", ["me@x.org", "@me", "#me", "foo.me"]],
  ["I left.Then we ate and/or drank w/ us 24/7.", []],
])("%s", (text, expected) => {
  expect(stretches(text)).toEqual(expected);
});

test.each([
  "for i in range(10): print(i)",
  "    print(i)",
  "const answer = 42;",
  "total += price(i)",
  "import numpy as np",
  "SELECT me FROM us;",
  "if (x > 3) {",
  "}",
  "</div>",
])("code: %s", (line) => {
  expect(isCode(line)).toBe(true);
});

test.each([
  "I use Python (3.12).",
  "For dinner:",
  "If you ask me:",
  "Well -- I like it",
  "$ 500 a month",
  "I need: milk; eggs; and bread;",
  "import my contacts from Gmail",
  "Let me know.",
  "This is for us, while it lasts.",
])("no code: %s", (line) => {
  expect(isCode(line)).toBe(false);
});

test("unveiling gives back what was veiled, whatever the text", () => {
  const piece = fc.oneof(
    fc.string({ unit: "grapheme", maxLength: 20 }),
    fc.constantFrom('"', "'", " I ", "`", ": ", "told her: ", " “", "” ", "\u{E000}", "I Will Go "),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
      const text = withoutVeils(pieces.join("").normalize("NFC"));
      const veiled = veil({ start: 0, end: text.length, text }, verbatimStretches(text));
      // Emoji get blanks around them.
      const plain = (value: string) =>
        value
          .replace(/[“”«»"]/g, '"')
          .replace(/[‘’']/g, "'")
          .replace(/\s+/g, "");
      expect(plain(unveil(veiled.text, veiled.verbatim))).toBe(plain(text));
    }),
  );
});
