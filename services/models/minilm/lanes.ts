/** A piece of work for the model: the texts of one batch, as token ids. */
export interface Job {
  /** Of whose texts it is a part: those of different calls take turns. */
  readonly call: object;
  readonly rows: readonly (readonly number[])[];
  /** The longest row's. */
  readonly tokens: number;
  readonly resolve: (vectors: readonly Float32Array[]) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Two waiting lines: queries go before documents, and queries that wait together go together. Documents of different
 * calls take turns, so that a few texts don't wait for somebody's many.
 */
export class Lanes {
  readonly #queries = new Set<Job>();
  /** By call, the one whose turn is next first. */
  readonly #documents = new Map<object, Set<Job>>();
  readonly #maxTokens: number;

  /** @param maxTokens how many padded tokens queries may be joined up to. */
  constructor(maxTokens: number) {
    this.#maxTokens = maxTokens;
  }

  get size(): number {
    return this.#queries.size + this.#waitingDocuments().length;
  }

  add(purpose: "query" | "document", job: Job): void {
    if (purpose === "query") {
      this.#queries.add(job);
      return;
    }
    const ofCall = this.#documents.get(job.call) ?? new Set();
    this.#documents.set(job.call, ofCall.add(job));
  }

  /** Takes a job out that has not been started. */
  remove(job: Job): void {
    this.#queries.delete(job);
    const ofCall = this.#documents.get(job.call);
    if (ofCall?.delete(job) && ofCall.size === 0) this.#documents.delete(job.call);
  }

  /** The jobs to run next, as one batch; empty when nothing waits. */
  next(): Job[] {
    if (this.#queries.size === 0) return this.#nextDocument();
    const jobs = this.#joinQueries();
    for (const job of jobs) this.remove(job);
    return jobs;
  }

  #nextDocument(): Job[] {
    const [first] = this.#documents;
    if (!first) return [];
    const [call, ofCall] = first;
    const [job] = ofCall;
    this.#documents.delete(call);
    if (job) ofCall.delete(job);
    if (ofCall.size > 0) this.#documents.set(call, ofCall);
    return job ? [job] : [];
  }

  #waitingDocuments(): Job[] {
    return [...this.#documents.values()].flatMap((ofCall) => [...ofCall]);
  }

  #joinQueries(): Job[] {
    const jobs: Job[] = [];
    let longest = 0;
    let count = 0;
    for (const job of this.#queries) {
      longest = Math.max(longest, job.tokens);
      count += job.rows.length;
      if (jobs.length > 0 && longest * count > this.#maxTokens) break;
      jobs.push(job);
    }
    return jobs;
  }

  /** Empties both lines and returns what waited. */
  drain(): Job[] {
    const jobs = [...this.#queries, ...this.#waitingDocuments()];
    for (const job of jobs) this.remove(job);
    return jobs;
  }
}
