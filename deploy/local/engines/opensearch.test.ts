import { expect, it } from "vitest";
import { jvmOptions } from "./opensearch.ts";

const SHIPPED = `-Xms1g
-Xmx1g
11-:-XX:+UseG1GC
-Djava.io.tmpdir=\${OPENSEARCH_TMPDIR}
-XX:+HeapDumpOnOutOfMemoryError
-XX:HeapDumpPath=data
-XX:ErrorFile=logs/hs_err_pid%p.log
9-:-Xlog:gc*:file=logs/gc.log
20-:--add-modules=jdk.incubator.vector
21-:-javaagent:agent/opensearch-agent.jar`;

it("keeps what the engine needs and writes no file into the distribution", () => {
  expect(jvmOptions(SHIPPED, new Set(["java.base", "jdk.incubator.vector"]))).toBe(
    `11-:-XX:+UseG1GC
20-:--add-modules=jdk.incubator.vector
21-:-javaagent:agent/opensearch-agent.jar`,
  );
});

it("drops the vector module where the Java has none", () => {
  expect(jvmOptions(SHIPPED, new Set(["java.base"]))).not.toContain("incubator");
});
