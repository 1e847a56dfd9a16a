import { ownedBy } from "./owned.ts";
import { each, edge, edges, isVague, type ToldRule } from "./told-rule.ts";

const MADE =
  "(?:written|built|made|developed|implemented|coded|created|powered|based|running|runs|run|hosted)";
const BY = "(?:in|with|on|by|using|upon)";
const HAS_MADE =
  "(?:builds|built|building|writes|wrote|writing|made|makes|making|develops|developed|developing|created|creates|creating|codes|coded|coding|runs|running|hosts|hosted)";
const PET =
  "dog|puppy|cat|kitten|hamster|rabbit|bunny|parrot|bird|turtle|tortoise|horse|pony|snake|lizard|ferret";
/** A thing that is not named: "checkout service". */
const NOUNS = "(?!(?:not|no|it|this|that|their|his|her)\\b)[\\p{Ll}][\\p{Ll}-]+(?: [\\p{Ll}][\\p{Ll}-]+)?";

/** Behind the name of a thing; "a Siemens fridge" is no Siemens. */
const BESIDE_A_THING =
  "and|or|in|on|at|for|from|with|to|of|last|this|that|which|because|but|so|when|while|yesterday|today|again|now|recently|two|three|years?|called|named|estate|hatchback|convertible|van|car|truck|suv|bike";

/** What is used for what, made of what, and whose. */
export const THINGS_TOLD: readonly ToldRule[] = [
  {
    // "Rosa is using Rust for their project", "Tom uses Blender for his films", "Rosa uses Excel for budgeting".
    hint: /\b(?:using|use[sd]?|cho(?:se|ose)|picked|chosen)\b/,
    pattern: `(?<who>ANY)(?: and others)? (?:is |was |has |had |been |now |also |currently |still )*(?:using|uses?|used|chose|choose|picked|chosen) (?:the )?(?<what>THINGS) (?:for (?<doing>[\\p{Ll}]{3,}ing(?: (?:the )?[\\p{Ll}]{3,})?)(?=[.,!;]|$| and )|(?:for|in|on) (?<owned>OWNED))`,
    read: ({ who, what, owned, doing }) => edges(what, "used_for", doing ?? ownedBy(owned, who)),
  },
  {
    // "Rosa's project is written in Rust".
    hint: /\b(?:written|built|made|developed|implemented|coded|created|powered|based|run|runs|running|hosted|use[sd]|using|relies|depends)\b/,
    pattern: `(?<owned>OWNED) (?:is |was |has |been |being |now |also |entirely |mostly )*(?:${MADE} ${BY}|uses|used|using|relies on|depends on) (?:the )?(?<what>THINGS)`,
    read: ({ what, owned }) => edges(what, "used_for", owned),
  },
  {
    // "Rosa built their app with Postgres".
    hint: /\b(?:buil|writ|wrote|mak|made|develop|creat|cod|run|host)/,
    pattern: `(?<who>PERSON)(?: and others)? (?:is |was |has |had |been |now |also )*${HAS_MADE} (?<owned>OWNED) ${BY} (?:the )?(?<what>THINGS)`,
    read: ({ who, what, owned }) => edges(what, "used_for", ownedBy(owned, who)),
  },
  {
    // "Rosa rewrote their project in Svelte", "ported their app to Postgres".
    hint: /\b(?:rewr|ported|porting|migrat|switched|converted|rebuil)/,
    pattern: `(?<who>PERSON)(?: and others)? (?:is |was |has |had |been |now |also |just |finally )*(?:(?:rewrote|rewritten|rewriting|rebuilt|rebuilding|reimplemented) (?<owned>OWNED) (?:in|on|with|using)|(?:ported|porting|migrated|migrating|switched|switching|converted|converting) (?<moved>OWNED) (?:over )?to) (?:the )?(?<what>THINGS)`,
    read: ({ who, what, owned, moved }) => edges(what, "used_for", ownedBy(owned ?? moved, who)),
  },
  {
    // "The checkout service depends on Stripe".
    hint: /\b(?:depends on|relies on|built on top of|runs on)/,
    pattern: `(?<!'s )(?:(?<name>ANY)|\\b[Tt]he (?<thing>${NOUNS})) (?:now |also |still )*(?:depends on|relies on|is built on top of|runs on) (?:the )?(?<what>THINGS)`,
    read: ({ name, thing, what }) => edges(name ?? thing, "depends_on", what),
  },
  {
    // "Karl founded Lumen", "Tom founded a bakery".
    hint: /\b(?:founded|founders?|co-founded|set up)\b/,
    pattern: `(?<who>SEVERAL) (?:(?:has |had )?(?:co-)?founded|(?:is|was|are|were) (?:the|an?) (?:co-)?founders? of) (?:(?:the|an?|his|her|their) )?(?<what>ANY|${NOUNS})(?=[.,!;]|$| in | with | and | last | when | called )`,
    read: ({ who, what }) => edges(who, "founded", what),
  },
  {
    // "Linus wrote Git".
    hint: /\b(?:wrote|written|authored|author of|invented|designed|composed|painted|created|developed)\b/,
    pattern: `(?<who>SEVERAL) (?:has |had |also )*(?<how>wrote|written|authored|is the author of|invented|designed|composed|painted|created|developed) (?:(?:[Tt]he|an?) (?:[\\p{Ll}]+ )?(?:called |named )?)?(?!PERSON)(?<what>ANY)(?! to\\b)`,
    read: ({ who, how, what }) => edges(who, /wr|auth/.test(how ?? "") ? "wrote" : "created", what),
  },
  {
    // "Rosa built a telescope".
    hint: /\bbuilt\b/,
    pattern: `(?<who>PERSON) (?:has |had |also )*built (?:an? )(?<what>${NOUNS})(?=[.,!;]|$| for | with | out of | from | last | in | and )`,
    read: ({ who, what }) => [isVague(what) ? undefined : edge(who, "built", what)],
  },
  {
    // "Rosa owns a sailboat".
    hint: /\bowns?\b/,
    pattern: `(?<who>ANY) (?:also |still |now )?owns? an? (?:new |old |little |big |small )?(?<what>${NOUNS})(?=[.,!;]|$| in | with | and | on | near | that | called )`,
    read: ({ who, what }) => [edge(who, "owns", what)],
  },
  {
    // "Rosa bought a Tesla".
    hint: /\b(?:owns?|bought|drives?)\b/,
    pattern: `(?<who>ANY) (?:also |still |now |just |has )*(?:owns?|bought|drives?) an? (?:new |old |used |red |blue |white |black )?(?<what>ANY)(?! (?!(?:${BESIDE_A_THING})\\b)\\p{Ll}+|'s)`,
    read: ({ who, what }) => [edge(who, "owns", what)],
  },
  {
    // "Rosa's dog Rex", "Rosa has a cat called Minka".
    hint: new RegExp(`\\b(?:${PET})s?\\b`),
    pattern: `(?<who>OWNER)(?:'s? (?:\\p{Ll}+ )?(?:${PET})s?(?:,|'s? names? (?:is|are)| (?:is|are) (?:called|named)| (?:called|named))?| (?:has|had|got|adopted|bought|rescued) (?:an?|two|three) (?:\\p{Ll}+ )?(?:${PET})s? (?:called|named)) (?<what>THINGS)`,
    read: ({ who, what }) => edges(who, "owns", what),
  },
  {
    // "The boat belongs to Karl".
    hint: /\bbelongs? to\b/,
    pattern: `\\b[Tt]he (?<what>${NOUNS}) belongs? to (?:OWNER's (?:KIN) )?(?<who>PERSON)`,
    read: ({ who, what }) => [edge(who, "owns", what)],
  },
  {
    hint: /\bprefers?\b/,
    pattern: `(?<who>PERSON) (?:really |always |now )?prefers? (?:the )?(?<what>ANY|[\\p{Ll}][\\p{L}-]+(?: [\\p{Ll}][\\p{L}-]+)?)(?= over | to |[.,!;]|$)`,
    read: ({ who, what }) => [isVague(what) ? undefined : edge(who, "prefers", what)],
  },
  {
    // "Tom is a big fan of Arsenal".
    hint: /\b(?:fan|fond) of\b/,
    pattern: `(?<who>SEVERAL) (?:is|are) (?:also |still |really |very )?(?:(?:an? )?(?:big |huge |great )?fans? of|fond of) (?<what>THINGS|${NOUNS}(?=[.,!;]|$))`,
    read: ({ who, what }) => edges(who, "likes", what),
  },
];

/** What one goes by beside one's name. */
export const ALIASES_TOLD: readonly ToldRule[] = [
  {
    hint: /\bcalls?\b/,
    // "Robert is my manager, but everyone calls him Bob."
    pattern: `(?<who>PERSON)(?: (?:is|was) (?:OWNER's )?[\\p{Ll}' ]{1,40})?[,.;]? (?:but |and |so |whom |who )?(?:[Ee]veryone|[Ee]verybody|[Pp]eople|friends|they|we|We|PERSON|all|most) (?:just |usually |often )?calls? (?:him |her |them )?(?<what>PERSON)`,
    read: ({ who, what }) => [edge(who, "also_called", what)],
  },
  {
    hint: /\b(?:known|called|goes by|went by|nicknamed|nickname|short for)\b/,
    pattern: `(?<who>ANY)(?:,| is| was)? (?:(?:also|better|often) (?:known as|called)|goes by|went by|nicknamed|is short for|'s nickname is|is called) (?<what>ANY)`,
    read: ({ who, what }) => each(who).map((one) => edge(one, "also_called", what)),
  },
];
