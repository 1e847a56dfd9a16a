/** Content of one answer at most, in bytes: gRPC clients take 4 MiB in one message by default. */
export const ANSWER_BYTES = 3 * 1024 * 1024;
