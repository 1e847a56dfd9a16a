import { foldName } from "@mneme/core/graph/fold-name.ts";
import { findPaths, listNeighbours, traverse } from "@mneme/core/graph/read-graph.ts";
import { scorePaths } from "@mneme/core/search/graph-arm.ts";
import type { Scope } from "@mneme/core/tenancy/scope.ts";
import { readProjectKeys } from "@mneme/postgres/database.ts";
import { createGraphStore } from "@mneme/postgres/graph/graph-store.ts";
import { tell } from "@mneme/postgres/graph/graph-testing.ts";
import { createPathFinder } from "@mneme/postgres/graph/path-finder.ts";
import { createSearchStore } from "@mneme/postgres/search-store.ts";
import { openTestRecord } from "@mneme/postgres/testing/record.ts";
import { spread, timed } from "./harness/figures.ts";

/**
 * `npm run bench:graph [ROUNDS]`: reads of a graph of 100,000 names and 300,000 relations in one tenant of a database of its
 * own, on the PostgreSQL of MNEME_POSTGRES_URL (`npm run engines` starts one). A hundred people have a thousand names and
 * three thousand relations each, a tenth of them to names that all mention; a few names have very many. All told it to one agent.
 */
const ROUNDS = Number(process.argv[2] ?? 300);
const PEOPLE = 100;
const NAMES = 990;
const SHARED = 1_000;
const RELATIONS = 3_000;
/** Relations that one memory tells. */
const EACH = 3;
const AGENT = "bench";
const TYPES = ["knows", "recommended", "used_for", "works_at", "likes", "part_of"];

await using record = await openTestRecord("bench_graph");
const { tenant, admin } = record;
const { macKeyId } = await readProjectKeys(record.database, tenant.tenantId, tenant.projectId);
const random = seeded(7);
const begun = performance.now();
const ids = await fill();
console.log(`filled in ${((performance.now() - begun) / 1_000).toFixed(0)} s: ${await counted()}`);

const store = { graph: createGraphStore(record.database) };
const finder = createPathFinder(record.database);
const search = createSearchStore(record.database);
const scopes = new Map<string, Promise<Awaited<ReturnType<typeof search.resolve>>>>();
const somebody = (): Scope => ({ userId: `user-${Math.floor(random() * PEOPLE)}`, agentId: AGENT });
await measure("of one of a hundred people", somebody);
await measure("of all together, by their agent", () => ({ agentId: AGENT }));

async function measure(whose: string, scopeOf: () => Scope): Promise<void> {
  console.log(`\nreads ${whose}, ${ROUNDS} each after 30`);
  const today = () => ({ scope: scopeOf(), asOf: undefined, knownAt: undefined });
  const ends = (scope: Scope) => [named(scope), named(scope)] as const;
  const follow = { direction: "both", types: [] } as const;
  const reads: Readonly<Record<string, () => Promise<unknown>>> = {
    neighbours: () => {
      const query = today();
      return listNeighbours(store, tenant, {
        ...query,
        ...follow,
        entityId: idOf(named(query.scope)),
        limit: 50,
      });
    },
    "paths of up to 3": () => {
      const query = today();
      const [from, to] = ends(query.scope);
      const asked = { ...query, fromId: idOf(from), toId: idOf(to), maxHops: 3, limit: 5, types: [] };
      return findPaths(store, tenant, asked);
    },
    "traverse, depth 3": () => {
      const query = today();
      const limits = { depth: 3, maxEntities: 100, maxRelations: 200, fanOut: 20 };
      return traverse(store, tenant, {
        ...query,
        ...follow,
        ...limits,
        entityIds: [idOf(named(query.scope))],
      });
    },
    "the search's arm": async () => {
      const scope = scopeOf();
      const found = await resolved(scope);
      const reading = { ids: found.ids, asOf: undefined, knownAt: undefined };
      const [one, other] = ends(scope).map(foldName) as [string, string];
      const around = await finder.around(tenant, reading, [one, other]);
      const scores = scorePaths(around, { groups: [[one], [other]], speakers: [] });
      return finder.candidates(tenant, reading, [...scores.keys()]);
    },
  };
  for (const [name, read] of Object.entries(reads)) {
    for (let i = 0; i < 30; i += 1) await read();
    const took: number[] = [];
    for (let i = 0; i < ROUNDS; i += 1) took.push(await timed(read));
    console.log(`${name.padEnd(20)} ${spread(took)}`);
  }
}

/** A search has resolved its scope before it asks the graph. */
async function resolved(scope: Scope) {
  const key = JSON.stringify(scope);
  const known = scopes.get(key) ?? search.resolve(tenant, scope);
  scopes.set(key, known);
  const found = await known;
  if (!found) throw new Error("nobody of that name");
  return found;
}

/** A name that the scope mentions, most of them seldom. */
function named({ userId = `user-${Math.floor(random() * PEOPLE)}` }: Scope): string {
  return nameOf(userId.slice("user-".length), Math.floor(random() * NAMES));
}

function nameOf(person: number | string, index: number): string {
  return index < NAMES ? `name ${index} of ${person}` : `shared ${index - NAMES}`;
}

function idOf(name: string): string {
  const id = ids.get(name);
  if (id === undefined) throw new Error("no such name");
  return id;
}

async function fill(): Promise<Map<string, string>> {
  const names = new Map<string, string>();
  const all = [
    ...Array.from({ length: PEOPLE }, (_, person) =>
      Array.from({ length: NAMES }, (__, i) => nameOf(person, i)),
    ).flat(),
    ...Array.from({ length: SHARED }, (_, i) => nameOf(0, NAMES + i)),
  ];
  for (let at = 0; at < all.length; at += 5_000) {
    const part = all.slice(at, at + 5_000);
    const macs = await Promise.all(
      part.map((name) => record.cipher.mac(tenant.tenantId, macKeyId, "entity", foldName(name))),
    );
    const { rows } = await admin.query<{ id: string }>(
      `insert into mneme.entities (tenant_id, project_id, id, name_mac, type)
       select $1, $2, gen_random_uuid(), mac, 'product' from unnest($3::bytea[]) as mac returning id`,
      [tenant.tenantId, tenant.projectId, macs],
    );
    for (const [i, name] of part.entries()) names.set(name, rows[i]?.id ?? "");
  }
  for (let person = 0; person < PEOPLE; person += 1) await tellOf(person, names);
  await admin.query("analyze");
  return names;
}

/** What a person tells: copies of one memory that was really told, with relations of their own. */
async function tellOf(person: number, names: ReadonlyMap<string, string>): Promise<void> {
  const scope = { userId: `user-${person}`, agentId: AGENT };
  await tell(record, tenant, scope, [{ text: `Somebody ${person} is here.`, names: ["Somebody"] }]);
  const { rows } = await admin.query<{ id: string }>(
    "select id from mneme.memories where tenant_id = $1 order by created_at desc limit 1",
    [tenant.tenantId],
  );
  const copied = await copyMemory(rows[0]?.id ?? "", RELATIONS / EACH);
  const edges = Array.from({ length: RELATIONS }, (_, i) => {
    // A few are told of by most: the smaller its number, the more often.
    const target = Math.floor(NAMES * random() ** 3);
    const isShared = random() < 0.1;
    return {
      source: names.get(nameOf(person, i % NAMES)),
      target: names.get(nameOf(person, isShared ? NAMES + Math.floor(SHARED * random() ** 3) : target)),
      memory: copied[Math.floor(i / EACH)],
    };
  }).filter(({ source, target }) => source !== target);
  await admin.query(
    `insert into mneme.relations (tenant_id, id, source_entity_id, type, target_entity_id, memory_id, valid_from,
       recorded_from, subject_id)
     select $1, gen_random_uuid(), n.source, n.type, n.target, n.memory, m.created_at, m.created_at, m.subject_id
     from unnest($2::uuid[], $3::text[], $4::uuid[], $5::uuid[]) as n (source, type, target, memory)
     join mneme.memories m on m.tenant_id = $1 and m.id = n.memory`,
    [
      tenant.tenantId,
      edges.map(({ source }) => source),
      edges.map((_, i) => TYPES[i % TYPES.length]),
      edges.map(({ target }) => target),
      edges.map(({ memory }) => memory),
    ],
  );
  await admin.query(
    `insert into mneme.memory_entities (tenant_id, memory_id, entity_id, name_ct, subject_id)
     select distinct r.tenant_id, r.memory_id, e.id, t.name_ct, t.subject_id
     from mneme.relations r cross join lateral (values (r.source_entity_id), (r.target_entity_id)) as e (id)
     join mneme.memory_entities t on t.tenant_id = r.tenant_id and t.memory_id = $2
     where r.tenant_id = $1 and r.memory_id = any ($3::uuid[])`,
    [tenant.tenantId, rows[0]?.id, copied],
  );
}

async function copyMemory(memoryId: string, count: number): Promise<string[]> {
  const columnsOf = async (table: string, without: readonly string[]) => {
    const { rows } = await admin.query<{ name: string }>(
      `select column_name as name from information_schema.columns where table_schema = 'mneme' and table_name = $1
         and is_generated = 'NEVER'`,
      [table],
    );
    return rows.map(({ name }) => name).filter((name) => !without.includes(name));
  };
  const own = (await columnsOf("memories", ["id"])).join(", ");
  const { rows } = await admin.query<{ id: string }>(
    `insert into mneme.memories (id, ${own}) select gen_random_uuid(), ${own} from mneme.memories
     cross join generate_series(1, $2) where id = $1 returning id`,
    [memoryId, count],
  );
  const ids = rows.map(({ id }) => id);
  for (const table of ["memory_versions", "memory_sources"]) {
    const columns = (await columnsOf(table, ["memory_id"])).join(", ");
    await admin.query(
      `insert into mneme.${table} (memory_id, ${columns}) select n, ${columns} from mneme.${table}
       cross join unnest($2::uuid[]) as n where memory_id = $1`,
      [memoryId, ids],
    );
  }
  return ids;
}

async function counted(): Promise<string> {
  const { rows } = await admin.query<{ told: string }>(
    `select (select count(*) from mneme.entities) || ' names, ' || (select count(*) from mneme.relations)
       || ' relations, ' || (select count(*) from mneme.memories) || ' memories' as told`,
  );
  return rows[0]?.told ?? "";
}

/** Mulberry32: the same graph each time. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
