import { randomUUID } from "node:crypto";
import { mergeEntities, splitEntity } from "@mneme/core/graph/change-graph.ts";
import type { Entity, Relation } from "@mneme/core/graph/graph.ts";
import { findPaths, listEntities, listNeighbours, traverse } from "@mneme/core/graph/read-graph.ts";
import type { Scope } from "@mneme/core/tenancy/scope.ts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createMemoryStore } from "../memory-store.ts";
import type { Provisioned } from "../provision.ts";
import { requestOf } from "../testing/administrator.ts";
import { openTestRecord, type TestRecord } from "../testing/record.ts";
import { readerOf, type Told, tell } from "./graph-testing.ts";

describe("graph store", () => {
  let record: TestRecord;
  let tenant: Provisioned;
  beforeAll(async () => {
    record = await openTestRecord("graph");
    tenant = record.tenant;
  });
  afterAll(() => record[Symbol.asyncDispose]());

  const say = (scope: Scope, ...told: readonly Told[]) => tell(record, tenant, scope, told);
  const reader = (scope: Scope) => readerOf(record, tenant, scope);
  const person = () => ({ userId: randomUUID() });
  const now = async () => {
    const { rows } = await record.admin.query<{ now: Date }>("select clock_timestamp() as now");
    return rows[0]?.now;
  };
  const shown = (relations: readonly Relation[], entities: readonly Entity[]) => {
    const nameOf = new Map(entities.map(({ id, name }) => [id, name]));
    return relations
      .map((one) => `${nameOf.get(one.sourceId)} > ${one.type} > ${nameOf.get(one.targetId)}`)
      .sort();
  };
  const neighbours = async (scope: Scope, name: string, more: object = {}) => {
    const { deps, today, find } = reader(scope);
    const { id } = await find(name);
    const query = { ...today, entityId: id, direction: "both", types: [], limit: 50, ...more } as const;
    const { relations, entities, isCut } = await listNeighbours(deps, tenant, query);
    return { relations, names: shown(relations, entities), isCut };
  };

  const RUST: readonly Told[] = [
    {
      text: "Sarah recommended Rust.",
      names: ["Sarah", "Rust/product"],
      relations: ["Sarah > recommended > Rust"],
    },
    {
      text: "Dana's project is written in Rust.",
      names: ["Rust/product"],
      relations: ["Rust > used_for > Dana's project"],
    },
  ];

  describe("reads", () => {
    it("brings what several memories tell of two names together, with times and sources", async () => {
      const scope = person();
      await say(scope, ...RUST, {
        text: "At a meetup in winter nothing else was praised as much, by Sarah at least.",
        names: ["Sarah"],
        relations: ["Sarah > recommended > rust"],
        validFrom: new Date("2026-01-01T00:00:00Z"),
      });
      const { relations, names } = await neighbours(scope, "sarah");
      expect(names).toEqual(["Sarah > recommended > Rust"]);
      const [{ evidence, validFrom, validTo }] = relations as [Relation];
      expect([evidence.length, validFrom, validTo]).toEqual([2, new Date("2026-01-01T00:00:00Z"), undefined]);
      expect(evidence[0]?.memoryId).toMatch(/^[0-9a-f-]{36}$/);
      expect(evidence[0]?.messageIds).toHaveLength(1);
    });

    it("follows a direction and types, and says where it was cut", async () => {
      const scope = person();
      await say(scope, ...RUST, {
        text: "Rust is liked by Tom.",
        names: ["Tom", "Rust/product"],
        relations: ["Tom > likes > Rust"],
      });
      expect((await neighbours(scope, "Rust")).names).toHaveLength(3);
      expect((await neighbours(scope, "Rust", { direction: "out" })).names).toEqual([
        "Rust > used_for > Dana's project",
      ]);
      expect((await neighbours(scope, "Rust", { types: ["likes"] })).names).toEqual(["Tom > likes > Rust"]);
      expect(await neighbours(scope, "Rust", { limit: 1 })).toMatchObject({
        isCut: true,
        names: ["Tom > likes > Rust"],
      });
    });

    it("has what was learnt last first, whatever its id", async () => {
      const scope = person();
      const told = ["Ann", "Bo", "Cy"].map((name) => ({
        text: `Tom knows ${name}.`,
        names: ["Tom", name],
        relations: [`Tom > knows > ${name}`],
      }));
      await say(scope, ...told);
      const { id } = await reader(scope).find("Bo");
      // As a memory that changed writes its edges anew.
      await record.admin.query(
        `update mneme.relations set id = '00000000-0000-4000-8000-000000000001', recorded_from = now()
         where target_entity_id = $1`,
        [id],
      );
      expect((await neighbours(scope, "Tom", { limit: 1 })).names).toEqual(["Tom > knows > Bo"]);
    });

    it("finds the way between what no memory names together", async () => {
      const scope = person();
      await say(scope, ...RUST);
      const { deps, today, find } = reader(scope);
      const [from, to] = [await find("Sarah"), await find("Dana's project")];
      const query = { ...today, fromId: from.id, toId: to.id, maxHops: 3, limit: 5, types: [] };
      const { paths, entities } = await findPaths(deps, tenant, query);
      expect(paths.map(({ relations }) => shown(relations, entities))).toEqual([
        ["Rust > used_for > Dana's project", "Sarah > recommended > Rust"],
      ]);
      expect(paths[0]?.entityIds).toEqual([from.id, (await find("Rust")).id, to.id]);
      expect((await findPaths(deps, tenant, { ...query, maxHops: 1 })).paths).toEqual([]);
    });

    it("walks to depth three and no further, and within its limits", async () => {
      const scope = person();
      const chain = ["Ada", "Bo", "Cy", "Di", "Ed"];
      await say(
        scope,
        ...chain.slice(1).map((name, i) => ({
          text: `${chain[i]} knows ${name}.`,
          names: [chain[i] ?? "", name],
          relations: [`${chain[i]} > knows > ${name}`],
        })),
      );
      const { deps, today, find } = reader(scope);
      const options = {
        depth: 3,
        direction: "both",
        types: [],
        maxEntities: 100,
        maxRelations: 100,
        fanOut: 20,
      } as const;
      const query = { ...today, entityIds: [(await find("Ada")).id], ...options };
      const walked = await traverse(deps, tenant, query);
      expect(walked.reached.map(({ entity, depth }) => `${entity.name} ${depth}`)).toEqual([
        "Ada 0",
        "Bo 1",
        "Cy 2",
        "Di 3",
      ]);
      expect(walked.cutBy).toEqual([]);
      const few = await traverse(deps, tenant, { ...query, maxEntities: 2 });
      expect([few.reached.map(({ entity }) => entity.name), few.cutBy]).toEqual([
        ["Ada", "Bo"],
        ["entities"],
      ]);
      const cut = await traverse(deps, tenant, { ...query, maxRelations: 1 });
      expect([cut.relations.length, cut.cutBy]).toEqual([1, ["relations"]]);
    });

    it("lists by type, name and the beginning of a name, page by page", async () => {
      const scope = person();
      await say(scope, ...RUST, {
        text: "The José and Josie.",
        names: ["the José", "Josie", "Lisbon/place"],
      });
      const { names, deps, today } = reader(scope);
      expect(await names()).toEqual(["Dana's project", "Josie", "Lisbon", "Rust", "Sarah", "the José"]);
      expect(await names({ types: ["place", "product"] })).toEqual(["Lisbon", "Rust"]);
      expect(await names({ name: "JOSE" })).toEqual(["the José"]);
      expect(await names({ namePrefix: "jos" })).toEqual(["Josie", "the José"]);
      const found: string[] = [];
      for (let pageToken = ""; ; ) {
        const listing = { ...today, types: [], pageSize: 4, pageToken };
        const page = await listEntities(deps, tenant, listing);
        found.push(...page.entities.map(({ name }) => name));
        expect(page.entities.length).toBeLessThanOrEqual(4);
        pageToken = page.nextPageToken;
        if (pageToken === "") break;
        await expect(
          listEntities(deps, tenant, { ...listing, pageToken, types: ["place"] }),
        ).rejects.toMatchObject({
          reason: "PAGE_TOKEN_INVALID",
        });
      }
      expect(found.sort()).toEqual(await names());
    });

    it("lists all that share a name, page by page", async () => {
      const scope = person();
      await say(
        scope,
        { text: "Mercury is near.", names: ["Mercury/place"] },
        { text: "Mercury is a band.", names: ["Mercury/organization"] },
        { text: "Mercury is a car.", names: ["Mercury/product"] },
      );
      const { deps, today } = reader(scope);
      const found: string[] = [];
      for (let pageToken = "", pages = 0; pages < 4; pages += 1) {
        const listing = { ...today, types: [], name: "mercury", pageSize: 1, pageToken };
        const page = await listEntities(deps, tenant, listing);
        found.push(...page.entities.map(({ type }) => type));
        pageToken = page.nextPageToken;
        if (pageToken === "") break;
      }
      expect(found.sort()).toEqual(["organization", "place", "product"]);
    });
  });

  describe("merges", () => {
    it("takes names for one by spelling, by what a memory says, and by a first name that fits one", async () => {
      const scope = person();
      await say(
        scope,
        { text: "Sarah Chen came.", names: ["Sarah Chen"] },
        { text: "Sarah left.", names: ["Sarah"] },
        {
          text: "Robert, everyone calls him Bob.",
          names: ["Robert"],
          relations: ["Robert > also_called > Bob"],
        },
        { text: "Kubernets is down.", names: ["Kubernets/product"] },
        { text: "Kubernetes is up.", names: ["Kubernetes/product"] },
        { text: "Nobody knows Kubernetes.", names: ["Kubernetes/other"] },
      );
      const { names, find } = reader(scope);
      expect(await names()).toEqual([
        "Kubernetes = Kubernets = Kubernetes",
        "Robert = Bob",
        "Sarah Chen = Sarah",
      ]);
      const merges = (await Promise.all(["Bob", "Sarah", "Kubernets"].map(find))).map((entity) =>
        entity.merges.map(({ rule }) => rule).sort(),
      );
      expect(merges).toEqual([["alias"], ["part"], ["name", "similar"]]);
    });

    it("takes a first name back once it fits two", async () => {
      const scope = person();
      await say(
        scope,
        { text: "Sarah Chen came.", names: ["Sarah Chen"] },
        { text: "Sarah left.", names: ["Sarah"] },
      );
      await say(scope, { text: "Sarah Miller came.", names: ["Sarah Miller"] });
      expect(await reader(scope).names()).toEqual(["Sarah", "Sarah Chen", "Sarah Miller"]);
    });

    it("goes over merged names on its way", async () => {
      const scope = person();
      await say(
        scope,
        {
          text: "Sarah Chen recommended Rust.",
          names: ["Sarah Chen"],
          relations: ["Sarah Chen > recommended > Rust"],
        },
        { text: "Sarah works at Acme.", names: ["Sarah"], relations: ["Sarah > works_at > Acme"] },
      );
      expect((await neighbours(scope, "Sarah")).names).toEqual([
        "Sarah Chen > recommended > Rust",
        "Sarah Chen > works_at > Acme",
      ]);
    });

    it("merges and splits by hand, keeps the provenance of each, and lets no rule merge again", async () => {
      const scope = person();
      await say(scope, { text: "Ann paints.", names: ["Ann"] }, { text: "Ria sings.", names: ["Ria"] });
      const { deps, find, names } = reader(scope);
      const [ann, ria] = [await find("Ann"), await find("Ria")];
      const request = requestOf("MergeEntities");
      const merge = () =>
        mergeEntities(
          deps,
          tenant,
          { scope, entityId: ann.id, otherIds: [ria.id], allowDifferentTypes: false },
          request,
        );
      const merged = await merge();
      expect(await merge()).toEqual(merged);
      expect(merged.memoryIds.toSorted()).toEqual([...ann.memoryIds, ...ria.memoryIds].sort());
      expect(merged.merges).toMatchObject([{ rule: "hand", mergedAt: expect.any(Date) }]);
      const command = { scope, entityId: merged.id, nameIds: [ria.id] };
      const parted = await splitEntity(deps, tenant, command, requestOf("SplitEntity"));
      expect(parted.map(({ name }) => name).sort()).toEqual(["Ann", "Ria"]);
      expect((await find("Ria")).memoryIds).toEqual(ria.memoryIds);

      await say(
        scope,
        { text: "Sarah Chen came.", names: ["Sarah Chen"] },
        { text: "Sarah left.", names: ["Sarah"] },
      );
      const sarah = await find("Sarah");
      const nameIds = sarah.names.slice(1).map(({ id }) => id);
      await splitEntity(deps, tenant, { scope, entityId: sarah.id, nameIds }, requestOf("SplitEntity"));
      await say(scope, { text: "Sarah came back to Sarah Chen.", names: ["Sarah", "Sarah Chen"] });
      expect(await names()).toEqual(["Ann", "Ria", "Sarah", "Sarah Chen"]);
    });

    it("merges no entity with itself, and those of different types only where that is said", async () => {
      const scope = person();
      await say(scope, { text: "Ann works at Acme.", names: ["Ann", "Acme/organization"] });
      const { deps, find } = reader(scope);
      const [ann, acme] = [await find("Ann"), await find("Acme")];
      const merge = (otherId: string, allowDifferentTypes: boolean) =>
        mergeEntities(
          deps,
          tenant,
          { scope, entityId: ann.id, otherIds: [otherId], allowDifferentTypes },
          requestOf("MergeEntities"),
        );
      await expect(merge(ann.id, true)).rejects.toMatchObject({
        reason: "FIELD_INVALID",
        fields: [{ field: "other_entity_ids" }],
      });
      await expect(merge(acme.id, false)).rejects.toMatchObject({
        fields: [
          {
            field: "allow_different_types",
            description: expect.stringContaining("organization and person"),
          },
        ],
      });
      const merged = await merge(acme.id, true);
      expect(merged.names.map(({ name }) => name).sort()).toEqual(["Acme", "Ann"]);
      expect(merged.id).toBe([ann.id, acme.id].sort()[0]);
    });

    it("merges by hand again what was split, and shows both as of their times", async () => {
      const scope = person();
      await say(scope, { text: "Ann paints.", names: ["Ann"] }, { text: "Ria sings.", names: ["Maria"] });
      const { deps, find, names } = reader(scope);
      const [ann, ria] = [await find("Ann"), await find("Maria")];
      const both = { scope, entityId: ann.id, otherIds: [ria.id], allowDifferentTypes: false };
      const apart = { scope, entityId: ann.id, nameIds: [ria.id] };
      await mergeEntities(deps, tenant, both, requestOf("MergeEntities"));
      const { rows } = await record.admin.query<{ now: Date }>("select clock_timestamp() as now");
      await splitEntity(deps, tenant, apart, requestOf("SplitEntity"));
      expect(await names()).toEqual(["Ann", "Maria"]);
      expect(await names({ knownAt: rows[0]?.now })).toEqual(["Maria = Ann"]);
      await mergeEntities(deps, tenant, both, requestOf("MergeEntities"));
      expect(await names()).toEqual(["Maria = Ann"]);
    });

    it("keeps each time that they were one, whatever is merged and split again", async () => {
      const scope = person();
      await say(
        scope,
        { text: "Wilma paints.", names: ["Wilma"] },
        { text: "Isolde sings.", names: ["Isolde"] },
      );
      const { deps, find, names, get } = reader(scope);
      const [wilma, isolde] = [await find("Wilma"), await find("Isolde")];
      const merge = () =>
        mergeEntities(
          deps,
          tenant,
          { scope, entityId: wilma.id, otherIds: [isolde.id], allowDifferentTypes: false },
          requestOf("MergeEntities"),
        );
      const split = () =>
        splitEntity(
          deps,
          tenant,
          { scope, entityId: wilma.id, nameIds: [isolde.id] },
          requestOf("SplitEntity"),
        );
      const moments = [await now()];
      for (const change of [merge, merge, split, merge, split, split, merge]) {
        await change().catch((error: unknown) => expect(error).toMatchObject({ reason: "ENTITY_NOT_FOUND" }));
        moments.push(await now());
      }
      const [one, two] = [["Isolde = Wilma"], ["Isolde", "Wilma"]];
      const then = await Promise.all(moments.map((knownAt) => names({ knownAt })));
      expect(then).toEqual([two, one, one, two, one, two, two, one]);
      expect(await names()).toEqual(one);
      expect((await get(wilma.id)).merges).toHaveLength(1);
      const { rows } = await record.admin.query<{ open: boolean }>(
        `select split_at is null as open from mneme.entity_merges where rule = 'hand' and $1 in (entity_id, other_id)
         order by merged_at`,
        [wilma.id],
      );
      expect(rows.map(({ open }) => open)).toEqual([false, false, true]);
    });

    it("follows merges that go in a circle, and along hundreds of names", async () => {
      const scope = person();
      const all = Array.from({ length: 300 }, (_, i) => `Name${String(i).padStart(3, "0")}`);
      await say(scope, { text: "There are many.", names: all.map((name) => `${name}/work`) });
      const { find, get } = reader(scope);
      const first = await find("Name000");
      const { rowCount } = await record.admin.query(
        `insert into mneme.entity_merges (tenant_id, project_id, subject_id, epoch, id, entity_id, other_id, rule)
         select $1, $2, n.subject_id, s.epoch, gen_random_uuid(), least(n.id, n.after), greatest(n.id, n.after), 'hand'
         from (select e.id, t.subject_id, coalesce(lead(e.id) over (order by md5(e.id::text)),
                 first_value(e.id) over (order by md5(e.id::text))) as after
               from mneme.memory_entities m join mneme.memory_entities t on t.memory_id = m.memory_id
               join mneme.entities e on e.id = t.entity_id where m.entity_id = $3) n
         join mneme.subjects s on s.id = n.subject_id`,
        [tenant.tenantId, tenant.projectId, first.id],
      );
      expect(rowCount).toBe(300);
      expect((await get(first.id)).names).toHaveLength(300);
    });

    it("knows no entity that its scope does not show", async () => {
      const [mine, theirs] = [person(), person()];
      await say(mine, { text: "Ann paints.", names: ["Ann"] });
      await say(theirs, { text: "Zoë hides.", names: ["Zoë"] });
      const { deps, find } = reader(mine);
      const [ann, zoe] = [await find("Ann"), await reader(theirs).find("Zoë")];
      const notFound = { reason: "ENTITY_NOT_FOUND" };
      await expect(reader(mine).get(zoe.id)).rejects.toMatchObject(notFound);
      await expect(
        mergeEntities(
          deps,
          tenant,
          { scope: mine, entityId: ann.id, otherIds: [zoe.id], allowDifferentTypes: false },
          requestOf("MergeEntities"),
        ),
      ).rejects.toMatchObject(notFound);
      await expect(
        splitEntity(
          deps,
          tenant,
          { scope: mine, entityId: ann.id, nameIds: [zoe.id] },
          requestOf("SplitEntity"),
        ),
      ).rejects.toMatchObject(notFound);
      const walk = {
        depth: 3,
        direction: "both",
        types: [],
        maxEntities: 9,
        maxRelations: 9,
        fanOut: 9,
      } as const;
      const query = { ...reader(mine).today, entityIds: [zoe.id], ...walk };
      expect(await traverse(deps, tenant, query)).toMatchObject({ reached: [] });
    });
  });

  describe("people", () => {
    it("shows nobody another's spellings, aliases, edges or merges, of a name that both mention", async () => {
      const [mine, theirs, agent] = [person(), person(), randomUUID()];
      await say(theirs, {
        text: "ROBERT, everyone calls him Bob, works at Acme.",
        names: ["ROBERT", "Bob"],
        relations: ["ROBERT > also_called > Bob", "ROBERT > works_at > Acme"],
      });
      await say({ ...theirs, agentId: agent }, { text: "Robert Roe came.", names: ["Robert Roe"] });
      await say(mine, { text: "Robert met Bob.", names: ["Robert", "Bob"] });
      expect(await reader(mine).names()).toEqual(["Bob", "Robert"]);
      expect((await neighbours(mine, "Robert")).names).toEqual([]);
      // Merged by hand it stays theirs as well.
      const own = reader(theirs);
      const acme = await own.find("Acme");
      const robert = await own.find("Robert");
      await mergeEntities(
        own.deps,
        tenant,
        { scope: theirs, entityId: robert.id, otherIds: [acme.id], allowDifferentTypes: true },
        requestOf("MergeEntities"),
      );
      await say(mine, { text: "Acme is large.", names: ["Acme/other"] });
      expect(await reader(mine).names()).toEqual(["Acme", "Bob", "Robert"]);
    });

    it("joins nobody's names by what another says, where many people's are read", async () => {
      const agent = { agentId: randomUUID() };
      const [ana, ben] = [
        { ...person(), ...agent },
        { ...person(), ...agent },
      ];
      await say(
        ana,
        {
          text: "Robert, everyone calls him Bob.",
          names: ["Robert", "Bob"],
          relations: ["Robert > also_called > Bob"],
        },
        { text: "Sarah Chen called, and Sarah rowed.", names: ["Sarah Chen", "Sarah"] },
        {
          text: "Ludwig, everyone calls him Lu.",
          names: ["Ludwig"],
          relations: ["Ludwig > also_called > Lu"],
        },
      );
      const before = await now();
      expect(await reader(agent).names()).toEqual(["Ludwig = Lu", "Robert = Bob", "Sarah Chen = Sarah"]);
      await say(
        ben,
        { text: "Robert knows Bob.", names: ["Robert", "Bob"], relations: ["Robert > knows > Bob"] },
        { text: "Sarah Miller came, and Sarah left.", names: ["Sarah Miller", "Sarah"] },
      );
      expect(await reader(agent).names()).toEqual([
        "Bob",
        "Ludwig = Lu",
        "Robert",
        "Sarah",
        "Sarah Chen",
        "Sarah Miller",
      ]);
      expect((await neighbours(agent, "Robert")).names).toContain("Robert > knows > Bob");
      expect(await reader(ana).names()).toEqual(["Ludwig = Lu", "Robert = Bob", "Sarah Chen = Sarah"]);
      expect(await reader(ben).names()).toEqual(["Bob", "Robert", "Sarah Miller = Sarah"]);
      expect(await reader(agent).names({ knownAt: before })).toEqual([
        "Ludwig = Lu",
        "Robert = Bob",
        "Sarah Chen = Sarah",
      ]);
    });

    it("keeps what one audience says from what another is shown", async () => {
      const { userId } = person();
      const [alone, planner] = [{ userId }, { userId, agentId: randomUUID() }];
      await say(alone, {
        text: "Robert, everyone calls him Bob.",
        names: ["Robert"],
        relations: ["Robert > also_called > Bob"],
      });
      await say(planner, { text: "Robert met Bob.", names: ["Robert", "Bob/other"] });
      expect(await reader(planner).names()).toEqual(["Bob", "Robert"]);
      expect(await reader(alone).names()).toEqual(["Robert = Bob"]);
    });

    it("has the same id for a name whoever mentioned it before", async () => {
      const [mine, theirs] = [person(), person()];
      await say(mine, { text: "Xaver came.", names: ["Xaver"] });
      const before = await reader(mine).find("Xaver");
      await say(theirs, { text: "Xaver left.", names: ["Xaver"] });
      const [memoryId = ""] = before.memoryIds;
      const targets = [{ memoryId, etag: "" }];
      await createMemoryStore(record.database).delete(tenant, targets, requestOf("DeleteMemory"));
      expect(await reader(mine).names()).toEqual([]);
      await say(mine, { text: "Xaver is here.", names: ["Xaver"] });
      expect((await reader(mine).find("Xaver")).id).toBe(before.id);
    });

    it("shows a fenced person's nothing, and nothing expired", async () => {
      const scope = { ...person(), agentId: randomUUID() };
      await say(scope, ...RUST);
      const agent = { agentId: scope.agentId };
      expect(await reader(agent).names()).toHaveLength(3);
      const { id } = await reader(agent).find("Sarah");
      await record.admin.query("update mneme.memories set expires_at = now() where id = any ($1)", [
        (await reader(agent).get(id)).memoryIds,
      ]);
      expect(await reader(agent).names()).toEqual(["Dana's project", "Rust"]);
      await record.admin.query(
        `update mneme.subjects set state = 'fenced' where id in
         (select subject_id from mneme.memory_entities where entity_id = $1)`,
        [id],
      );
      expect(await reader(agent).names()).toEqual([]);
      expect(await reader(scope).names()).toEqual([]);
    });

    it("knows no other tenant's", async () => {
      const other = await record.provision("other");
      const scope = person();
      await say(scope, { text: "Ann paints.", names: ["Ann"] });
      await tell(record, other, scope, [{ text: "Ann paints.", names: ["Ann"] }]);
      const [one, two] = [await reader(scope).find("Ann"), await readerOf(record, other, scope).find("Ann")];
      expect(one.id).not.toBe(two.id);
      await expect(readerOf(record, other, scope).get(one.id)).rejects.toMatchObject({
        reason: "ENTITY_NOT_FOUND",
      });
    });
  });

  describe("time", () => {
    it("tells what was so then, and what was known then", async () => {
      const scope = person();
      await say(scope, {
        text: "Eva worked at Acme.",
        names: ["Eva"],
        relations: ["Eva > works_at > Acme"],
        validFrom: new Date("2020-01-01T00:00:00Z"),
        validTo: new Date("2022-01-01T00:00:00Z"),
      });
      const { rows } = await record.admin.query<{ now: Date }>("select clock_timestamp() as now");
      await say(scope, { text: "Eva works at Bell.", names: ["Eva"], relations: ["Eva > works_at > Bell"] });
      const eva = await reader(scope).find("Eva");
      const at = async (times: { asOf?: Date; knownAt?: Date }) => {
        const { deps, today } = reader(scope);
        const query = {
          ...today,
          ...times,
          entityId: eva.id,
          direction: "out",
          types: [],
          limit: 9,
        } as const;
        const { relations, entities } = await listNeighbours(deps, tenant, query);
        return shown(relations, entities);
      };
      expect(await at({})).toEqual(["Eva > works_at > Bell"]);
      expect(await at({ asOf: new Date("2021-06-01T00:00:00Z") })).toEqual(["Eva > works_at > Acme"]);
      await expect(at({ knownAt: rows[0]?.now as Date })).rejects.toMatchObject({
        reason: "ENTITY_NOT_FOUND",
      });
      const both = { asOf: new Date("2021-06-01T00:00:00Z"), knownAt: rows[0]?.now as Date };
      expect(await at(both)).toEqual(["Eva > works_at > Acme"]);
    });
  });

  it("leaves nothing of a name that no memory mentions any more", async () => {
    const scope = person();
    await say(
      scope,
      { text: "Quentin Quist came.", names: ["Quentin Quist"] },
      { text: "Quentin left.", names: ["Quentin"] },
    );
    const entity = await reader(scope).find("Quentin");
    const ids = entity.names.map(({ id }) => id);
    expect(ids).toHaveLength(2);
    const targets = entity.memoryIds.map((memoryId) => ({ memoryId, etag: "" }));
    await createMemoryStore(record.database).delete(tenant, targets, requestOf("DeleteMemory"));
    for (const [table, column] of [
      ["entities", "id"],
      ["entity_keys", "entity_id"],
      ["memory_entities", "entity_id"],
      ["entity_merges", "entity_id"],
    ]) {
      const { rowCount } = await record.admin.query(`select from mneme.${table} where ${column} = any ($1)`, [
        ids,
      ]);
      expect([table, rowCount]).toEqual([table, 0]);
    }
  });
});
