import { type Reading, SELF } from "../../claims/claim.ts";
import { ownerAsked, tellerAsked } from "../../claims/forgetting/asked-of.ts";
import { isAskedForElsewhere } from "../../claims/forgetting/elsewhere.ts";
import {
  type ForgetRequest,
  forgetRequest,
  isAskedFor,
  isOfSame,
  shareAskedFor,
} from "../../claims/forgetting/request.ts";
import { dot } from "../../search/vector.ts";
import type { Decision } from "../ingest-store.ts";
import { type Decided, deleteAll, type InBatch, type KnownCandidate, type Proposal } from "../proposal.ts";

/** Whether it asks for what was said last, whatever that was. */
export function asksForLast(
  text: string,
  reading: Reading,
  asksElsewhere: Proposal["asksElsewhere"],
): boolean {
  if (reading.unread !== undefined) return asksElsewhere?.what === "last";
  const request = forgetRequest(text);
  return request?.what === "last" || (request !== undefined && isOwnTelling(request, reading));
}

/** "What I just said", of one who is called by name. */
function isOwnTelling(request: ForgetRequest, { names }: Reading): boolean {
  const teller = "about" in request ? tellerAsked(request.about) : undefined;
  return teller !== undefined && names.has(teller.toLowerCase());
}

/**
 * Deletes what is asked to be forgotten; of the request itself nothing is kept.
 *
 * @param batch what the batch adds and holds when it is asked.
 * @param before all that the batch decided before.
 */
export function forgetAsked(
  proposal: Proposal,
  batch: readonly InBatch[],
  before: readonly Decided[],
): Decision[] | undefined {
  const { messageId, content } = proposal;
  if (content.features.role !== "user") return undefined;
  if (proposal.reading.unread !== undefined) return forgetElsewhereAsked(proposal, batch, before);
  const request = forgetRequest(content.statement.text);
  if (!request) return undefined;
  if (request.what === "this") return [{ outcome: "drop", messageId }];
  if (request.what === "last" || isOwnTelling(request, proposal.reading)) return forgetLast(proposal, before);
  const { own, here } = ownOf(proposal, batch);
  const { known, said } = askedFor(request, proposal, { own, here });
  if (known.length + said.length === 0 && !request.isSure) return undefined;
  return forgetThese(messageId, known, said);
}

/** In a language whose claims no rule reads: what has the request's own words. Of the request nothing is kept. */
function forgetElsewhereAsked(
  proposal: Proposal,
  batch: readonly InBatch[],
  before: readonly Decided[],
): Decision[] | undefined {
  const { messageId, reading, asksElsewhere: request } = proposal;
  const tag = reading.unread;
  if (!request || tag === undefined) return undefined;
  if (request.what === "last") return forgetLast(proposal, before);
  const { own, here } = ownOf(proposal, batch);
  const said = here.filter(({ content }) => isAskedForElsewhere(request, content.statement.text, tag));
  return forgetThese(
    messageId,
    own.filter(({ text }) => isAskedForElsewhere(request, text, tag)),
    said,
  );
}

interface Own {
  readonly own: readonly KnownCandidate[];
  readonly here: readonly InBatch[];
}

function ownOf({ known, teller, audience }: Proposal, batch: readonly InBatch[]): Own {
  return {
    own: known.filter((one) => isTellers(one, teller)),
    here: batch.filter((one) => one.audience === audience && one.teller === teller),
  };
}

/**
 * What the last message that told anything told, and of the message that asks the statement before: known or not, it was
 * said then.
 */
function forgetLast(proposal: Proposal, before: readonly Decided[]): Decision[] {
  const { messageId, audience, teller, known } = proposal;
  const told = before.filter(
    (one) => one.proposal.audience === audience && one.proposal.teller === teller && one.made.some(isTold),
  );
  const last = told.at(-1);
  if (!last)
    return deleteAll(
      messageId,
      known.filter((one) => one.isLast && isTellers(one, teller)),
    );
  const isSame = last.proposal.messageId === messageId;
  const meant = isSame ? [last] : told.filter((one) => one.proposal.messageId === last.proposal.messageId);
  const undone = meant.flatMap(({ made }) => made).flatMap((decision) => undo(messageId, decision));
  return [...new Map(undone.map((one) => ["memoryId" in one ? one.memoryId : one, one])).values()];
}

function isTold({ outcome }: Decision): boolean {
  return outcome !== "drop" && outcome !== "delete" && outcome !== "forget";
}

function undo(messageId: string, decision: Decision): Decision[] {
  switch (decision.outcome) {
    case "add":
    case "supersede":
      return [{ outcome: "forget", messageId, added: decision }];
    case "merge":
      return undo(messageId, decision.into);
    case "reword":
      return undo(messageId, decision.added);
    case "noop":
    case "update":
      return [{ outcome: "delete", messageId, memoryId: decision.memoryId, rule: "forget" }];
    default:
      return [];
  }
}

function isTellers(known: KnownCandidate, teller: string | undefined): boolean {
  return known.teller === undefined || known.teller === teller;
}

function forgetThese(messageId: string, targets: Own["own"], said: Own["here"]): Decision[] {
  const deleted = targets.length > 0 || said.length === 0 ? deleteAll(messageId, targets) : [];
  return [
    ...deleted,
    ...said.map(({ decision }): Decision => ({ outcome: "forget", messageId, added: decision })),
  ];
}

type Named = Extract<ForgetRequest, { readonly about: string }>;

interface Meant {
  readonly known: readonly KnownCandidate[];
  readonly said: readonly InBatch[];
}

/** What a request names; where nothing has its words, the one that is plainly meant. */
function askedFor(request: Named, { content }: Proposal, { own, here }: Own): Meant {
  const teller = tellerAsked(request.about);
  if (teller !== undefined) {
    const tells = new RegExp(
      String.raw`\b${teller}\b.{0,30}\b(?:told|said|says|confided|mentioned|shared)\b`,
      "iu",
    );
    return {
      known: own.filter(({ text }) => tells.test(text)),
      said: here.filter(({ content }) => tells.test(content.statement.text)),
    };
  }
  const known = own.filter(({ reading }) => isAskedFor(request, reading));
  const said = here.filter(({ reading }) => isAskedFor(request, reading));
  if (known.length + said.length > 0 || !request.isSure) return inItsWords(request, { known, said });
  return nearestAskedFor(request, own, here, content.vector);
}

/** Where "my address" is told in these words, "I live with my mum" is not meant. */
function inItsWords(request: Named, meant: Meant): Meant {
  const has = (reading: KnownCandidate["reading"]) => shareAskedFor(request, reading, true) === 1;
  const known = meant.known.filter(({ reading }) => has(reading));
  const said = meant.said.filter(({ reading }) => has(reading));
  return known.length + said.length > 0 && request.what === "topic" ? { known, said } : meant;
}

/** The one that is plainly meant where none has the words: the nearest, if the next one is well behind it. */
function nearestAskedFor(
  request: Named,
  own: readonly KnownCandidate[],
  here: readonly InBatch[],
  asked: Float32Array,
): Meant {
  const all = [
    ...own
      .filter(({ isOver }) => !isOver)
      .map((known) => ({ known, said: undefined, reading: known.reading, cosine: known.cosine ?? 0 })),
    ...here
      .filter(({ isOver }) => !isOver)
      .map((said) => {
        const { reading, content } = said;
        return { known: undefined, said, reading, cosine: dot(content.vector, asked) };
      }),
  ];
  const near = all
    .filter(({ reading }) => isOfSame(request, reading))
    .map((one) => ({ ...one, share: shareAskedFor(request, one.reading) }))
    .map((one) => ({ ...one, score: one.cosine + 0.3 * one.share }))
    .toSorted((a, b) => b.score - a.score);
  const [first, second] = near;
  const none = { known: [], said: [] };
  // "That Lea is pregnant" lies near whatever is told of Lea.
  const owner = first && ownerAsked(request.about, first.reading.names);
  const mayBeNear = request.what === "topic" || owner === undefined || owner === SELF;
  const isMeant =
    first &&
    (first.share >= TELLING ? first.score >= LEAST_ASKED_FOR : mayBeNear && first.cosine >= LEAST_ALONE);
  if (!isMeant) return none;
  if (first.score - (second?.score ?? 0) < CLEARLY) return none;
  return { known: first.known ? [first.known] : [], said: first.said ? [first.said] : [] };
}

/** Of the words that say what, as many at least are in it; with fewer, it must be near by itself. */
const TELLING = 0.34;
/** Of cosine plus three tenths of the words in common: below, what is nearest is still something else. */
const LEAST_ASKED_FOR = 0.25;
/** "My mother's illness" is "has cancer" (.61), and not that she lives in Lille (.31), by the default embedder. */
const LEAST_ALONE = 0.5;
const CLEARLY = 0.05;
