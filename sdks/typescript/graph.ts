import type { Client } from "@connectrpc/connect";
import type { Entity as WireEntity } from "@mneme/proto/mneme/graph/v1/graph_pb.js";
import { GraphService } from "@mneme/proto/mneme/graph/v1/graph_service_pb.js";
import { type Caller, type CallOptions, requestIdOf, type WriteOptions } from "./caller.ts";
import {
  directions,
  entityFromWire,
  neighboursFromWire,
  pathsFromWire,
  walkFromWire,
} from "./convert/graph.ts";
import { scopeToWire } from "./convert/scope.ts";
import { InternalError } from "./errors/errors.ts";
import { Pages } from "./pages.ts";
import { type Times, timesToWire } from "./times.ts";
import type { Direction, GraphEntity, Neighbours, Paths, Walk } from "./types/graph.ts";
import type { Scope } from "./types/scope.ts";

/** Of what time to read the graph. */
export interface GraphOptions extends CallOptions, Times {}

export interface ListEntitiesOptions extends GraphOptions {
  readonly types?: readonly string[] | undefined;
  /** What goes by this name, whatever its case, diacritics and article. */
  readonly name?: string | undefined;
  /** What has a name that begins so; pages may then be empty. Not together with `name`. */
  readonly namePrefix?: string | undefined;
  /** Up to 250. */
  readonly pageSize?: number | undefined;
}

/** Which relations to follow; any if unset. */
export interface RelationOptions extends GraphOptions {
  readonly relationTypes?: readonly string[] | undefined;
}

export interface NeighbourOptions extends RelationOptions {
  readonly direction?: Direction | undefined;
  /** Relations at most, up to 250; 50 if unset. */
  readonly limit?: number | undefined;
}

export interface PathOptions extends RelationOptions {
  /** Relations on a path at most, up to 3; 3 if unset. */
  readonly maxHops?: number | undefined;
  /** Paths at most, up to 20; 5 if unset. */
  readonly limit?: number | undefined;
}

export interface TraverseOptions extends RelationOptions {
  readonly direction?: Direction | undefined;
  /** Relations away at most, up to 3; 2 if unset. */
  readonly depth?: number | undefined;
  /** Up to 500; 100 if unset. */
  readonly maxEntities?: number | undefined;
  /** Up to 1,000; 200 if unset. */
  readonly maxRelations?: number | undefined;
  /** Of each name and way the newest, up to 100; 20 if unset. */
  readonly fanOut?: number | undefined;
}

/** What a scope's memories mention, and how it hangs together. */
export class Graph {
  readonly #caller: Caller;
  readonly #scope: Scope;
  readonly #rpc: Client<typeof GraphService>;

  constructor(caller: Caller, scope: Scope) {
    this.#caller = caller;
    this.#scope = scope;
    this.#rpc = caller.client(GraphService);
  }

  /** @throws NotFoundError with ENTITY_NOT_FOUND where no memory of the scope mentions it. */
  async get(entityId: string, options: GraphOptions = {}): Promise<GraphEntity> {
    const request = { ...this.#read(options), entityId };
    return required((await this.#caller.call(options, (call) => this.#rpc.getEntity(request, call))).entity);
  }

  /** Entities by id, fetched page by page while they are read. */
  list(options: ListEntitiesOptions = {}): Pages<GraphEntity> {
    return new Pages(async (pageToken) => {
      const request = {
        ...this.#read(options),
        types: [...(options.types ?? [])],
        name: options.name ?? "",
        namePrefix: options.namePrefix ?? "",
        pageSize: options.pageSize ?? 0,
        pageToken,
      };
      const { entities, nextPageToken } = await this.#caller.call(options, (call) =>
        this.#rpc.listEntities(request, call),
      );
      return { items: entities.map(entityFromWire), nextPageToken: nextPageToken || undefined };
    });
  }

  /**
   * Makes entities one, for whoever reads this scope or within it; it goes by the smallest of their ids.
   *
   * @param options.allowDifferentTypes also a person and a product; refused unless set.
   * @throws NotFoundError as `get`. @throws InvalidArgumentError for different types, or an entity and itself.
   */
  async merge(
    entityId: string,
    otherEntityIds: readonly string[],
    options: WriteOptions & { readonly allowDifferentTypes?: boolean } = {},
  ): Promise<GraphEntity> {
    const request = {
      scope: scopeToWire(this.#scope),
      entityId,
      otherEntityIds: [...otherEntityIds],
      allowDifferentTypes: options.allowDifferentTypes ?? false,
      requestId: requestIdOf(options),
    };
    return required(
      (await this.#caller.call(options, (call) => this.#rpc.mergeEntities(request, call))).entity,
    );
  }

  /** Parts names from an entity; no rule merges them again. @returns what is left of it. @throws NotFoundError as `get`. */
  async split(
    entityId: string,
    nameIds: readonly string[],
    options: WriteOptions = {},
  ): Promise<GraphEntity[]> {
    const request = {
      scope: scopeToWire(this.#scope),
      entityId,
      nameIds: [...nameIds],
      requestId: requestIdOf(options),
    };
    const { entities } = await this.#caller.call(options, (call) => this.#rpc.splitEntity(request, call));
    return entities.map(entityFromWire);
  }

  /** What an entity is related to. @throws NotFoundError as `get`. */
  async neighbours(entityId: string, options: NeighbourOptions = {}): Promise<Neighbours> {
    const request = {
      ...this.#follow(options),
      entityId,
      direction: directions.toWire(options.direction, "direction"),
      limit: options.limit ?? 0,
    };
    return neighboursFromWire(
      await this.#caller.call(options, (call) => this.#rpc.listNeighbours(request, call)),
    );
  }

  /** Ways from one entity to another. */
  async paths(fromEntityId: string, toEntityId: string, options: PathOptions = {}): Promise<Paths> {
    const { maxHops = 0, limit = 0 } = options;
    const request = { ...this.#follow(options), fromEntityId, toEntityId, maxHops, limit };
    return pathsFromWire(await this.#caller.call(options, (call) => this.#rpc.findPaths(request, call)));
  }

  /** Walks from entities along relations, breadth first. */
  async traverse(entityIds: readonly string[], options: TraverseOptions = {}): Promise<Walk> {
    const { depth = 0, maxEntities = 0, maxRelations = 0, fanOut = 0 } = options;
    const request = {
      ...this.#follow(options),
      entityIds: [...entityIds],
      direction: directions.toWire(options.direction, "direction"),
      depth,
      maxEntities,
      maxRelations,
      fanOut,
    };
    return walkFromWire(await this.#caller.call(options, (call) => this.#rpc.traverse(request, call)));
  }

  #read(options: GraphOptions) {
    return { scope: scopeToWire(this.#scope), ...timesToWire(options) };
  }

  #follow(options: RelationOptions) {
    return { ...this.#read(options), relationTypes: [...(options.relationTypes ?? [])] };
  }
}

function required(entity: WireEntity | undefined): GraphEntity {
  if (!entity) throw new InternalError("the server answered without an entity");
  return entityFromWire(entity);
}
