/**
 * The operator's own tenant: it holds the operator's keys and what makes the operator's calls repeatable, and nobody's
 * memories. Below every id that is made, so that a list of tenants can begin behind it.
 */
export const SYSTEM_TENANT_ID = "00000000-0000-7000-8000-000000000001";

/** Its one project. */
export const SYSTEM_PROJECT_ID = "00000000-0000-7000-8000-000000000002";

/** Stands for the bootstrap credential, which is no key of the record. */
export const BOOTSTRAP_KEY_ID = "00000000-0000-7000-8000-000000000003";
