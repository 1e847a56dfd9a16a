import { v7 as uuidv7 } from "uuid";
import { type Actor, type AuditEvent, MOST_NAMED, type ResourceType } from "./event.ts";

/** What is known of a call when it begins. */
export interface AuditedCall {
  readonly action: string;
  readonly actor: Actor;
  readonly projectId: string;
  readonly requestId: string;
}

export interface Outcome {
  readonly code: string;
  readonly reason: string;
}

export const OK: Outcome = { code: "ok", reason: "" };

/** An event that is about to be kept. */
export interface Draft {
  readonly event: AuditEvent;
  /** To be called once it is kept: what it names is not told again. */
  kept(): void;
}

/**
 * Gathers whom and what a call touches, until an event of it is kept. A write keeps one in its own transaction, and what
 * comes after that (another transaction of the same call, a failure) makes a further one with the same request id.
 */
export class CallAudit {
  readonly #call: AuditedCall;
  readonly #subjects = new Set<string>();
  /** Type by id. */
  readonly #resources = new Map<string, ResourceType>();
  readonly #told = new Set<string>();
  #isTold = false;

  constructor(call: AuditedCall) {
    this.#call = call;
  }

  /** Whether an event tells all that is known so far, if nothing fails. */
  get isTold(): boolean {
    return this.#isTold && this.#subjects.size === 0 && this.#resources.size === 0;
  }

  /** It is about this person; null and undefined are nobody. */
  about(subjectId: string | null | undefined): void {
    if (subjectId && !this.#told.has(subjectId)) this.#subjects.add(subjectId);
  }

  /** It reads or changes these. */
  touches(type: ResourceType, ...ids: readonly (string | null | undefined)[]): void {
    for (const id of ids) if (id && !this.#told.has(id)) this.#resources.set(id, type);
  }

  /** The event of what is not told yet. */
  draft({ code, reason }: Outcome): Draft {
    const subjects = [...this.#subjects];
    const resources = [...this.#resources];
    const event: AuditEvent = {
      ...this.#call,
      id: uuidv7(),
      time: new Date(),
      code,
      reason,
      subjectIds: subjects.slice(0, MOST_NAMED),
      resources: resources.slice(0, MOST_NAMED).map(([id, type]) => ({ type, id })),
      resourceCount: resources.length,
    };
    return {
      event,
      kept: () => {
        this.#isTold = true;
        for (const id of subjects) {
          this.#subjects.delete(id);
          this.#told.add(id);
        }
        for (const [id] of resources) {
          this.#resources.delete(id);
          this.#told.add(id);
        }
      },
    };
  }
}
