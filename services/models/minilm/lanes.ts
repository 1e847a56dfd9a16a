/** A piece of work for the model: the texts of one batch, as token ids. */
export interface Job {
  readonly rows: readonly (readonly number[])[];
  /** The longest row's. */
  readonly tokens: number;
  readonly resolve: (vectors: readonly Float32Array[]) => void;
  readonly reject: (error: unknown) => void;
}

/** Two waiting lines: queries go before documents, and queries that wait together go together. */
export class Lanes {
  readonly #queries = new Set<Job>();
  readonly #documents = new Set<Job>();
  readonly #maxTokens: number;

  /** @param maxTokens how many padded tokens queries may be joined up to. */
  constructor(maxTokens: number) {
    this.#maxTokens = maxTokens;
  }

  get size(): number {
    return this.#queries.size + this.#documents.size;
  }

  add(purpose: "query" | "document", job: Job): void {
    (purpose === "query" ? this.#queries : this.#documents).add(job);
  }

  /** Takes a job out that has not been started. */
  remove(job: Job): void {
    this.#queries.delete(job);
    this.#documents.delete(job);
  }

  /** The jobs to run next, as one batch; empty when nothing waits. */
  next(): Job[] {
    const [document] = this.#documents;
    const jobs = this.#queries.size > 0 ? this.#joinQueries() : document ? [document] : [];
    for (const job of jobs) this.remove(job);
    return jobs;
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
    const jobs = [...this.#queries, ...this.#documents];
    for (const job of jobs) this.remove(job);
    return jobs;
  }
}
