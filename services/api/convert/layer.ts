import { SHARED_LAYERS, type SharedLayer } from "@mneme/core/search/layers.ts";
import type { Layer } from "@mneme/core/tenancy/scope.ts";
import { Layer as WireLayer } from "@mneme/proto/mneme/search/v1/search_pb.js";
import { keyOf } from "./enum-table.ts";

const LAYERS: Readonly<Record<Layer, WireLayer>> = {
  session: WireLayer.SESSION,
  user: WireLayer.USER,
  user_agent: WireLayer.USER_AGENT,
  agent: WireLayer.AGENT,
  app: WireLayer.APP,
  team: WireLayer.TEAM,
  project: WireLayer.PROJECT,
  tenant: WireLayer.TENANT,
};

/** Each once; SHARED is all of them. What is no shared layer is refused by validation before it comes here. */
export function toSharedLayers(wire: readonly WireLayer[]): SharedLayer[] {
  const wanted = new Set(wire.map((layer) => keyOf(LAYERS, layer)));
  return SHARED_LAYERS.filter((layer) => wanted.has(layer) || wire.includes(WireLayer.SHARED));
}

export function fromLayer(layer: Layer | undefined): WireLayer {
  return layer === undefined ? WireLayer.UNSPECIFIED : LAYERS[layer];
}
