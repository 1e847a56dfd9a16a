import { type Claim, SELF } from "./claim.ts";
import { KIN, PARTNERS } from "./lexicon.ts";
import { isOver } from "./modes.ts";
import { overlaps, sameSet } from "./overlap.ts";

/** "Omar used to be Ada's best friend", "Ada's best friend is Omar". */
export function isFormerKin(claim: Claim, { subject, attribute, value }: Claim): boolean {
  const isOfKin =
    attribute === "name" && claim.attribute.length > 3 && subject.startsWith(`${SELF}/${claim.attribute}`);
  return isOfKin && isOver(claim) && overlaps(claim.value, value);
}

/** "Ada and Tom broke up", "divorced": whoever is Ada's husband is so no more. */
export function endsPartner(claim: Claim, old: Claim): boolean {
  if (claim.attribute !== "partner" || claim.mode !== "ended") return false;
  if (old.attribute === "partner")
    return (
      !isOver(old) && (claim.value.length === 0 || old.value.length === 0 || overlaps(claim.value, old.value))
    );
  const [, kin] = old.subject.split("/");
  return kin !== undefined && PARTNERS.has(kin) && old.subject === `${SELF}/${kin}`;
}

/** "Ada stopped seeing Dr. Lane", "switched coaches": of whom one goes to, one at a time. */
export function leavesHelper(claim: Claim, old: Claim): boolean {
  const [, kin = ""] = old.subject.split("/");
  if (claim.subject !== SELF || old.attribute !== "name" || !HELPERS.has(kin) || isOver(old)) return false;
  if (old.subject !== `${SELF}/${kin}`) return false;
  if (claim.attribute === "*") return claim.cue && claim.value[0] === kin && claim.mode !== "unreal";
  return GOES_TO.has(claim.attribute) && claim.mode === "ended" && overlaps(claim.value, old.value);
}

const HELPERS = new Set("doctor dentist therapist coach teacher landlord mentor".split(" "));
const GOES_TO = new Set("see go use visit work meet take".split(" "));

/** "Jess is team captain now", where somebody else was: of what one at a time is. */
export function takesRole(claim: Claim, old: Claim): boolean {
  const isOther = claim.subject !== old.subject && claim.subject !== "" && !KIN.has(claim.subject);
  if (!isOther || !claim.cue || claim.mode !== "so" || old.mode !== "so") return false;
  const role = claim.value.at(-1) ?? "";
  if (claim.attribute !== "be" || !ROLES.test(role)) return false;
  if (old.attribute === "be" && old.value[0] === role) return claim.value.length === 1;
  // "Ada's CEO is Pat Lee."
  if (old.attribute === role)
    return claim.value.length === 1 && !overlaps(claim.subject.split(" "), old.value);
  return old.attribute === "be" && sameSet(claim.value, old.value);
}

const ROLES =
  /^(?:captain|president|chair|chairman|chairwoman|chairperson|treasurer|secretary|lead|leader|head|ceo|cto|cfo|principal|goalkeeper|mayor)$/;
