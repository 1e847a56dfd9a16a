import type { Direction, GraphEntity, GraphOptions, MemoryScope } from "@mneme/sdk";
import type { Command } from "commander";
import { action, type Context } from "../action.ts";
import {
  choice,
  collect,
  parseCount,
  type ScopeOptions,
  scopeOf,
  type TimesOptions,
  withScope,
  withTimes,
} from "../options.ts";
import { entityFacts, entityTable, relationLines } from "../output/graph.ts";
import { clean, count } from "../output/text.ts";
import type { Terminal } from "../terminal.ts";

interface GraphCommandOptions extends ScopeOptions, TimesOptions {
  readonly type?: readonly string[];
  readonly name?: string;
  readonly prefix?: string;
  readonly relation?: readonly string[];
  readonly direction?: Direction;
  readonly limit?: number;
  readonly depth?: number;
  readonly hops?: number;
  readonly differentTypes?: boolean;
}

const DIRECTIONS = ["out", "in", "both"] as const;
const EXAMPLES = `
Entities are named by their ids, or as memories name them.

Examples:
  $ mneme graph list --user ada --type person
  $ mneme graph neighbours --user ada Sarah
  $ mneme graph paths --user ada Sarah "Ada's project"
  $ mneme graph merge --user ada Robert Bobby`;

export function registerGraph(program: Command, terminal: Terminal) {
  const graph = program
    .command("graph")
    .description("What memories mention, and how it hangs together.")
    .addHelpText("after", EXAMPLES);
  const read = (usage: string, description: string) =>
    withTimes(withScope(graph.command(usage).description(description)));
  const follow = (usage: string, description: string) =>
    read(usage, description).option("--relation <type>", "only relations of this type (repeatable)", collect);
  read("list", "List entities.")
    .option("--type <type>", "only of this type (repeatable)", collect)
    .option("--name <name>", "only what goes by this name")
    .option("--prefix <beginning>", "only what has a name that begins so")
    .option("--limit <n>", "at most this many (50)", parseCount)
    .action(action(terminal, list));
  read("get <entity>", "Show an entity: its names, and what made them one.").action(action(terminal, get));
  follow("neighbours <entity>", "List an entity's relations, newest first.")
    .addOption(choice("--direction <way>", "which way to follow them", DIRECTIONS))
    .option("--limit <n>", "at most this many (50)", parseCount)
    .action(action(terminal, neighbours));
  follow("paths <from> <to>", "Find ways between two entities.")
    .option("--hops <n>", "relations on a path at most, up to 3", parseCount)
    .option("--limit <n>", "at most this many paths (5)", parseCount)
    .action(action(terminal, paths));
  follow("traverse <entities...>", "Walk from entities along relations.")
    .addOption(choice("--direction <way>", "which way to follow them", DIRECTIONS))
    .option("--depth <n>", "relations away at most, up to 3", parseCount)
    .action(action(terminal, traverse));
  withScope(graph.command("merge <entity> <others...>").description("Make entities one."))
    .option("--different-types", "also of different types, e.g. a person and a product")
    .action(action(terminal, merge));
  withScope(graph.command("split <entity> <names...>").description("Part names from an entity.")).action(
    action(terminal, split),
  );
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** An id as it is; of a name, the id of the name itself. Of what nothing goes by, one that is none. */
async function idOf(
  scope: MemoryScope,
  named: string,
  options: GraphOptions,
  onUnknown: (named: string) => void,
): Promise<string> {
  if (UUID.test(named)) return named;
  const [entity] = await scope.graph.list({ ...options, name: named }).toArray(1);
  if (!entity) {
    onUnknown(named);
    return "00000000-0000-0000-0000-000000000000";
  }
  return (
    entity.names.find(({ name }) => name.toLowerCase() === named.toLowerCase())?.nameId ?? entity.entityId
  );
}

function open({ mneme, signal, print }: Context, options: GraphCommandOptions) {
  const scope = scopeOf(mneme, options);
  const times = { asOf: options.asOf, knownAt: options.knownAt, signal };
  const isUnknown = (named: string) => print.note(`no memory names ${clean(named)}: see mneme graph list`);
  return { graph: scope.graph, times, find: (named: string) => idOf(scope, named, times, isUnknown) };
}

async function list(context: Context, options: GraphCommandOptions): Promise<void> {
  const { graph, times } = open(context, options);
  const { type: types, name, prefix: namePrefix, limit = 50 } = options;
  const entities = await graph.list({ ...times, types, name, namePrefix }).toArray(limit);
  context.print.result({ entities }, () =>
    entities.length === 0
      ? "No entities."
      : `${entityTable(entities, context.print.width)}\n${count(entities.length, "entity", "entities")}`,
  );
}

async function get(context: Context, options: GraphCommandOptions, named: string): Promise<void> {
  const { graph, times, find } = open(context, options);
  const entity = await graph.get(await find(named), times);
  context.print.result(entity, () => entityFacts(entity));
}

async function neighbours(context: Context, options: GraphCommandOptions, named: string): Promise<void> {
  const { graph, times, find } = open(context, options);
  const { relation: relationTypes, direction, limit } = options;
  const found = await graph.neighbours(await find(named), { ...times, relationTypes, direction, limit });
  context.print.result(found, () => relationLines(found.relations, found.entities));
  if (found.cut) context.print.note("there is more: --limit");
}

async function paths(
  context: Context,
  options: GraphCommandOptions,
  from: string,
  to: string,
): Promise<void> {
  const { graph, times, find } = open(context, options);
  const { relation: relationTypes, hops: maxHops, limit } = options;
  const found = await graph.paths(await find(from), await find(to), {
    ...times,
    relationTypes,
    maxHops,
    limit,
  });
  context.print.result(found, () =>
    found.paths.length === 0
      ? "No way between them."
      : found.paths.map(({ relations }) => relationLines(relations, found.entities)).join("\n\n"),
  );
}

async function traverse(
  context: Context,
  options: GraphCommandOptions,
  named: readonly string[],
): Promise<void> {
  const { graph, times, find } = open(context, options);
  const { relation: relationTypes, direction, depth } = options;
  const ids = await Promise.all(named.map(find));
  const walk = await graph.traverse(ids, { ...times, relationTypes, direction, depth });
  const entities = walk.reached.map(({ entity }) => entity);
  context.print.result(walk, () => relationLines(walk.relations, entities));
  if (walk.limitsMet.length > 0) context.print.note(`cut by the limits of ${walk.limitsMet.join(", ")}`);
}

async function merge(
  context: Context,
  options: GraphCommandOptions,
  named: string,
  others: readonly string[],
): Promise<void> {
  const { graph, find } = open(context, options);
  const [id = "", ...otherIds] = await Promise.all([named, ...others].map(find));
  const entity = await graph.merge(id, otherIds, {
    signal: context.signal,
    ...(options.differentTypes && { allowDifferentTypes: true }),
  });
  context.print.result(entity, () => entityFacts(entity));
}

async function split(
  context: Context,
  options: GraphCommandOptions,
  named: string,
  names: readonly string[],
): Promise<void> {
  const { graph, find } = open(context, options);
  const [id = "", ...nameIds] = await Promise.all([named, ...names].map(find));
  const entities: readonly GraphEntity[] = await graph.split(id, nameIds, { signal: context.signal });
  context.print.result({ entities }, () => entityTable(entities, context.print.width));
}
