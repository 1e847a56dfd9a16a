import { promisify } from "node:util";
import * as zlib from "node:zlib";
import type { Compression } from "@connectrpc/connect/protocol";
import { compressionBrotli, compressionGzip } from "@connectrpc/connect-node";

const brotli = promisify(zlib.brotliCompress);
const gzip = promisify(zlib.gzip);

// Connect's defaults are made for files that are compressed once: brotli at 11 takes a second a megabyte.
const BROTLI_OPTIONS = { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 4 } };
const GZIP_OPTIONS = { level: 4 };

/** What bodies may be compressed with, both ways; answers are compressed at levels fit for a server. */
export const COMPRESSIONS: Compression[] = [
  { ...compressionGzip, compress: async (bytes) => new Uint8Array(await gzip(bytes, GZIP_OPTIONS)) },
  { ...compressionBrotli, compress: async (bytes) => new Uint8Array(await brotli(bytes, BROTLI_OPTIONS)) },
];
