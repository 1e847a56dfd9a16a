import { NO_TOKENS, type TokenCounts } from "./token-counts.ts";

/** For whom a model reads. */
export interface ModelUser {
  readonly projectId: string;
  /** As `countedKey`; undefined where no key brought what is read. */
  readonly apiKeyId: string | undefined;
}

/** A text that a model read, and who is to bear it. */
export interface TokenShare extends ModelUser {
  readonly text: string;
}

/** A user's part of one call. */
export interface UserShare extends ModelUser {
  /** 1 of one of the call's users, 0 of the others. */
  readonly calls: number;
  readonly tokens: TokenCounts;
}

/** Those whose texts models read together share what that took by what each had read, to the last token. */
export function shareTokens(shares: readonly TokenShare[], tokens: TokenCounts): UserShare[] {
  // One more, for an empty text is read too.
  const sizeOf = ({ text }: TokenShare) => text.length + 1;
  const whole = shares.reduce((sum, share) => sum + sizeOf(share), 0);
  const users = Map.groupBy(shares, ({ projectId, apiKeyId }) => `${projectId}/${apiKeyId}`);
  let size = 0;
  let told = { calls: 0, tokens: NO_TOKENS };
  return [...users.values()].map((ofUser) => {
    const { projectId, apiKeyId } = ofUser[0] as TokenShare;
    size += ofUser.reduce((sum, share) => sum + sizeOf(share), 0);
    const part = (count: number) => Math.round((count * size) / whole);
    const upToHere = {
      calls: part(1),
      tokens: {
        input: part(tokens.input),
        cachedInput: part(tokens.cachedInput),
        output: part(tokens.output),
      },
    };
    const before = told;
    told = upToHere;
    return {
      projectId,
      apiKeyId,
      calls: upToHere.calls - before.calls,
      tokens: {
        input: upToHere.tokens.input - before.tokens.input,
        cachedInput: upToHere.tokens.cachedInput - before.tokens.cachedInput,
        output: upToHere.tokens.output - before.tokens.output,
      },
    };
  });
}
