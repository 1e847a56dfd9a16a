import type { Client } from "@connectrpc/connect";
import { AuditService } from "@mneme/proto/mneme/audit/v1/audit_service_pb.js";
import type { Caller, CallOptions } from "./caller.ts";
import { auditEventFromWire, verificationFromWire } from "./convert/audit.ts";
import { fromHex } from "./convert/hex.ts";
import { fromDate } from "./convert/time.ts";
import { InternalError } from "./errors/errors.ts";
import { Pages } from "./pages.ts";
import type { AuditEvent, AuditVerification } from "./types/audit.ts";

/** Which events to list. */
export interface ListAuditOptions extends CallOptions {
  /** At or after this time. */
  readonly after?: Date | undefined;
  /** Before this time. */
  readonly before?: Date | undefined;
  /** An RPC's full name, or a service's with a slash behind it. */
  readonly action?: string | undefined;
  /** With this key, also through tokens that it minted. */
  readonly apiKeyId?: string | undefined;
  /** About this person. */
  readonly userId?: string | undefined;
  /** That read or changed this. */
  readonly resourceId?: string | undefined;
  /** `ok`, or a Connect code. */
  readonly code?: string | undefined;
  /** Events a page, up to 250. */
  readonly pageSize?: number | undefined;
}

/** From where on to stream. */
export interface StreamAuditOptions extends CallOptions {
  /** Events behind this place; all if unset. */
  readonly afterSequence?: number | undefined;
  /** End at the trail's end instead of waiting for more. */
  readonly untilNow?: boolean | undefined;
}

/** From where on to verify. */
export interface VerifyAuditOptions extends CallOptions {
  /** Events behind this place; all if unset. */
  readonly afterSequence?: number | undefined;
  /**
   * What that place's hash must be, in hexadecimal: a `lastHash` or an event's `hash` that was kept. What is there is taken
   * for right if unset.
   */
  readonly afterHash?: string | undefined;
  /** Events that one call looks at, up to 50,000. */
  readonly pageSize?: number | undefined;
  /** Told after each call but the last how far it came. */
  readonly onProgress?: ((lastSequence: number) => void) | undefined;
}

/** Who read or changed what. Needs a key with the role auditor. */
export class Audit {
  readonly #caller: Caller;
  readonly #rpc: Client<typeof AuditService>;

  constructor(caller: Caller) {
    this.#caller = caller;
    this.#rpc = caller.client(AuditService);
  }

  /** Newest first. The server looks at so many events a page: one can be short or empty and not be the last. */
  list(options: ListAuditOptions = {}): Pages<AuditEvent> {
    const { after, before, action = "", apiKeyId = "", userId = "", resourceId = "", code = "" } = options;
    return new Pages(async (pageToken) => {
      const from = fromDate(after, "after");
      const until = fromDate(before, "before");
      const times = { ...(from && { after: from }), ...(until && { before: until }) };
      const filter = { ...times, action, apiKeyId, userId, resourceId, code };
      const request = { filter, pageSize: options.pageSize ?? 0, pageToken };
      const response = await this.#caller.call(options, (call) => this.#rpc.listAuditEvents(request, call));
      return {
        items: response.events.map(auditEventFromWire),
        nextPageToken: response.nextPageToken || undefined,
      };
    });
  }

  /** As they come, oldest first. One stream, not opened again when it breaks: go on behind the last event. */
  async *stream(options: StreamAuditOptions = {}): AsyncGenerator<AuditEvent, void, undefined> {
    const { afterSequence = 0, untilNow = false } = options;
    const request = { afterSequence: BigInt(afterSequence), untilNow };
    const responses = this.#caller.stream(options, (call) => this.#rpc.streamAuditEvents(request, call));
    for await (const { event } of responses) yield auditEventFromWire(event);
  }

  /**
   * Lets the server compute its trail anew, in as many calls as that takes; each begins with the hash that the one before
   * ended with, and each has the options' deadline. Needs a key of the tenant. `verifyAuditTrail` does so without the server.
   *
   * @throws InternalError where a call neither reaches the end nor comes any further.
   */
  async verify(options: VerifyAuditOptions = {}): Promise<AuditVerification> {
    let afterSequence = BigInt(options.afterSequence ?? 0);
    let afterHash: Uint8Array = fromHex(options.afterHash ?? "");
    let checked = 0n;
    for (;;) {
      const request = { afterSequence, afterHash, maxEvents: options.pageSize ?? 0 };
      const response = await this.#caller.call(options, (call) => this.#rpc.verifyAudit(request, call), true);
      checked += response.checked;
      if (!response.valid || response.endReached) return verificationFromWire({ ...response, checked });
      if (response.checked === 0n || response.lastSequence <= afterSequence)
        throw new InternalError("the server stopped verifying before the audit trail's end");
      options.onProgress?.(Number(response.lastSequence));
      ({ lastSequence: afterSequence, lastHash: afterHash } = response);
    }
  }

  /** The trail's end as the server has signed it, a JWS; empty before the first event. */
  async signedHead(options: CallOptions = {}): Promise<string> {
    // Behind any end there is nothing to compute.
    const { signedHead } = await this.verify({ ...options, afterSequence: Number.MAX_SAFE_INTEGER });
    return signedHead;
  }
}
