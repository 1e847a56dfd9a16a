/** One page of a list. */
export interface Page<T> {
  readonly items: readonly T[];
  /** Pass it to get the next page; undefined on the last one. */
  readonly nextPageToken: string | undefined;
}

/**
 * A list that is fetched page by page while it is read:
 * `for await (const memory of mneme.user("ada").list())`.
 */
export class Pages<T> implements AsyncIterable<T> {
  readonly #fetch: (pageToken: string) => Promise<Page<T>>;

  constructor(fetch: (pageToken: string) => Promise<Page<T>>) {
    this.#fetch = fetch;
  }

  /** One page: the first one, or the one that the token names. */
  page(pageToken = ""): Promise<Page<T>> {
    return this.#fetch(pageToken);
  }

  /** Page by page. */
  async *pages(): AsyncGenerator<Page<T>, void, undefined> {
    let token: string | undefined = "";
    do {
      const page: Page<T> = await this.#fetch(token);
      yield page;
      token = page.nextPageToken;
    } while (token !== undefined);
  }

  /** At most `limit` items; all of them without one. */
  async toArray(limit = Number.POSITIVE_INFINITY): Promise<T[]> {
    const items: T[] = [];
    if (limit <= 0) return items;
    for await (const item of this) {
      items.push(item);
      if (items.length >= limit) break;
    }
    return items;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    for await (const page of this.pages()) yield* page.items;
  }
}
