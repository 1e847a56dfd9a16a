import type { Client } from "@connectrpc/connect";
import {
  UserPermissionSchema,
  UserTokenService,
  type UserPermission as Wire,
} from "@mneme/proto/mneme/access/v1/user_token_service_pb.js";
import type { Caller, CallOptions } from "./caller.ts";
import { enumCodec } from "./convert/enum.ts";
import { toDate } from "./convert/time.ts";

/** What a user's token may do, always with that user's memories alone. */
export type UserPermission = "read" | "write" | "delete";

/** Whose token, and what for. */
export interface MintOptions extends CallOptions {
  /** Whose memories it reaches. */
  readonly userId: string;
  /** What it may do, of what the key itself may; to read if unset. */
  readonly permissions?: readonly UserPermission[] | undefined;
  /** How long it holds, up to an hour; 15 minutes if unset. */
  readonly ttlSeconds?: number | undefined;
}

/** Hand `token` to the browser: it is the `token` of a client there. */
export interface MintedToken {
  readonly token: string;
  readonly expireTime: Date;
}

const permissionCodec = enumCodec<UserPermission, Wire>(UserPermissionSchema);

/** Tokens by which browsers and end users call by themselves. */
export class UserTokens {
  readonly #caller: Caller;
  readonly #rpc: Client<typeof UserTokenService>;

  constructor(caller: Caller) {
    this.#caller = caller;
    this.#rpc = caller.client(UserTokenService);
  }

  /** Mints a token of one user. It dies with the key that minted it. */
  async mint({ userId, permissions = [], ttlSeconds = 0, ...options }: MintOptions): Promise<MintedToken> {
    const request = {
      userId,
      permissions: permissions.map((name, index) => permissionCodec.toWire(name, `permissions[${index}]`)),
      ttlSeconds,
    };
    const { token, expireTime } = await this.#caller.call(options, (call) =>
      this.#rpc.mintUserToken(request, call),
    );
    return { token, expireTime: toDate(expireTime) ?? new Date(0) };
  }
}
