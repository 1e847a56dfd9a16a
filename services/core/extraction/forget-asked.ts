import { forgetRequest, isAskedFor, namesAnother, shareAskedFor } from "./claims/forget.ts";
import { isAskedForElsewhere } from "./claims/forget-elsewhere.ts";
import type { Decision } from "./ingest-store.ts";
import { deleteAll, type InBatch, type KnownCandidate, type Proposal } from "./proposal.ts";

/** Deletes what is asked to be forgotten; of the request itself nothing is kept. */
export function forgetAsked(proposal: Proposal, batch: readonly InBatch[]): Decision[] | undefined {
  const { messageId, content } = proposal;
  if (content.features.role !== "user") return undefined;
  if (proposal.reading.unread !== undefined) return forgetElsewhereAsked(proposal, batch);
  const request = forgetRequest(content.statement.text);
  if (!request) return undefined;
  if (request.what === "this") return [{ outcome: "drop", messageId }];
  const { own, here } = ownOf(proposal, batch);
  if (request.what === "last") return forgetLast(messageId, own, here);
  const said = here.filter(({ proposal: { reading } }) => isAskedFor(request, reading));
  const known = own.filter(({ reading }) => isAskedFor(request, reading));
  const targets = known.length + said.length > 0 || !request.isSure ? known : nearestAskedFor(request, own);
  if (targets.length + said.length === 0 && !request.isSure) return undefined;
  return forgetThese(messageId, targets, said);
}

/** In a language whose claims no rule reads: what has the request's own words. Of the request nothing is kept. */
function forgetElsewhereAsked(proposal: Proposal, batch: readonly InBatch[]): Decision[] | undefined {
  const { messageId, reading, asksElsewhere: request } = proposal;
  const tag = reading.unread;
  if (!request || tag === undefined) return undefined;
  const { own, here } = ownOf(proposal, batch);
  if (request.what === "last") return forgetLast(messageId, own, here);
  const said = here.filter(({ decision }) =>
    isAskedForElsewhere(request, decision.content.statement.text, tag),
  );
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
    own: known.filter((one) => one.teller === undefined || one.teller === teller),
    here: batch.filter((one) => one.proposal.audience === audience && one.proposal.teller === teller),
  };
}

function forgetLast(messageId: string, own: Own["own"], here: Own["here"]): Decision[] {
  const last = here.at(-1);
  if (last) return [{ outcome: "forget", messageId, added: last.decision }];
  const newest = own.toSorted((a, b) => b.saidAt.getTime() - a.saidAt.getTime())[0];
  const ofThen = own.filter(({ saidAt }) => newest && saidAt.getTime() === newest.saidAt.getTime());
  return deleteAll(messageId, ofThen);
}

function forgetThese(messageId: string, targets: Own["own"], said: Own["here"]): Decision[] {
  const deleted = targets.length > 0 || said.length === 0 ? deleteAll(messageId, targets) : [];
  return [
    ...deleted,
    ...said.map(({ decision }): Decision => ({ outcome: "forget", messageId, added: decision })),
  ];
}

/** The one that is plainly meant where none has the words: the nearest, if the next one is well behind it. */
function nearestAskedFor(
  request: Parameters<typeof shareAskedFor>[0],
  own: readonly KnownCandidate[],
): readonly KnownCandidate[] {
  const near = own
    .filter(({ reading }) => !namesAnother(request, reading))
    .map((one) => ({ one, score: (one.cosine ?? 0) + 0.3 * shareAskedFor(request, one.reading) }))
    .toSorted((a, b) => b.score - a.score);
  const [first, second] = near;
  if (!first || first.score < LEAST_ASKED_FOR) return [];
  return first.score - (second?.score ?? 0) >= CLEARLY ? [first.one] : [];
}

/** Of cosine plus three tenths of the words in common: below, what is nearest is still something else. */
const LEAST_ASKED_FOR = 0.25;
const CLEARLY = 0.05;
