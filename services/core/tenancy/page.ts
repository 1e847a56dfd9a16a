/** Which page of a list. */
export interface PageAsked {
  /** 1..250. */
  readonly pageSize: number;
  /** Empty for the first; opaque, bound to the filters. */
  readonly pageToken: string;
}

export interface Page<T> {
  readonly items: readonly T[];
  /** Empty after the last. */
  readonly nextPageToken: string;
}
