import { registerHooks } from "node:module";

/**
 * Loaded before an api that is to audit nothing: the api itself has no switch for that, so another module takes the place
 * of its own. The bench looks whether it did.
 */
const replaced = new URL("../../../services/api/audit/auditing.ts", import.meta.url).href;
const url = new URL("./no-auditing.ts", import.meta.url).href;

registerHooks({
  resolve(specifier, context, next) {
    const found = next(specifier, context);
    return found.url === replaced ? { ...found, url } : found;
  },
});
