const PAST = new RegExp(
  [
    "\\bused? to\\b",
    "\\b(?:previous|former|formerly|previously|originally|back then|in the past|no longer|once upon)\\b",
    "\\bex-\\w",
    "\\b(?:old|last|prior|first|earlier) (?:job|employer|boss|company|position|role|home|house|flat|apartment|address|city|town|country|phone|number|email|car|school|doctor|dentist|therapist|landlord|roommate|flatmate|partner|girlfriend|boyfriend|husband|wife|diet|hobby|project|team|manager|plan|plans)s?\\b",
    "\\b(?:do|did|have|had|was|were|is|are|been|lived?|worked?|owned?|ate|drank|eat|drink|liked?|called)\\b[^.?!]* (?:before|beforehand|earlier|in those days|any ?more|at first)(?: (?:that|this|now|then))? *[?.!]*$",
  ].join("|"),
  "i",
);

/** True where a query asks for what was so and may have ended: "my previous job", "where did I live before?" */
export function asksForPast(query: string): boolean {
  return PAST.test(query);
}
