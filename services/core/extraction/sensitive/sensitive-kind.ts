/** What a project may have kept out of its memories. */
export type SensitiveKind = "payment" | "credentials" | "government_id" | "health" | "contact";

/** In the order in which a statement that holds several is counted. */
export const SENSITIVE_KINDS: readonly SensitiveKind[] = [
  "payment",
  "credentials",
  "government_id",
  "health",
  "contact",
];

/** What a model is told of each. */
export const SENSITIVE_DESCRIPTIONS: Readonly<Record<SensitiveKind, string>> = {
  payment: "payment data: numbers, expiry dates, codes and PINs of cards, bank accounts, IBANs",
  credentials: "secrets: passwords, PINs, access codes, API keys, tokens, private keys, recovery phrases",
  government_id: "numbers of identity documents, social security, tax, health insurance or driving licences",
  health:
    "health of a person: diagnoses, conditions, symptoms, injuries, disabilities, pregnancy, medication, treatment, test results",
  contact: "contact data: e-mail addresses, telephone numbers, postal addresses",
};

/** Recognised by their form rather than by what words mean: sure enough to refuse what an application says itself. */
export const REFUSABLE: ReadonlySet<SensitiveKind> = new Set(["payment", "credentials", "government_id"]);
