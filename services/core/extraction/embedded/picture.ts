const PICTURED =
  /^(?:(?:an?|the|this|my|our|some|two|three|several) )?(?:\w+ ){0,2}(?:photo\w*|picture|image|painting|drawing|sketch|screenshot|poster|map|chart|diagram|selfie|close ?up)s?\b/i;

/** What a caption shows, as what somebody may share: "a picture of two dogs", without its stop. */
export function pictureOf(caption: string): string {
  const what = PICTURED.test(caption) ? caption : `a picture of ${caption}`;
  return what.replace(/[.]+$/, "");
}
