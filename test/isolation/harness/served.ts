import {
  create,
  createFileRegistry,
  type DescMethod,
  type FileRegistry,
  fromBinary,
} from "@bufbuild/protobuf";
import {
  type FileDescriptorProto,
  FileDescriptorProtoSchema,
  FileDescriptorSetSchema,
} from "@bufbuild/protobuf/wkt";
import { createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { ServerReflection } from "@mneme/proto/grpc/reflection/v1/reflection_pb.js";

/** Every procedure that a running server says it serves, but those of gRPC itself, which need no credentials. */
export async function servedMethods(url: string): Promise<readonly DescMethod[]> {
  const client = createClient(ServerReflection, createGrpcTransport({ baseUrl: url }));
  const names = (await ask({ case: "listServices", value: "" })).flatMap((answer) =>
    answer.case === "listServicesResponse" ? answer.value.service.map(({ name }) => name) : [],
  );
  const ours = names.filter((name) => !name.startsWith("grpc."));
  const files = new Map<string, FileDescriptorProto>();
  for (const name of ours) {
    for (const answer of await ask({ case: "fileContainingSymbol", value: name })) {
      if (answer.case !== "fileDescriptorResponse") throw new Error(`no descriptor of ${name}`);
      for (const bytes of answer.value.fileDescriptorProto) {
        const file = fromBinary(FileDescriptorProtoSchema, bytes);
        files.set(file.name, file);
      }
    }
  }
  const registry: FileRegistry = createFileRegistry(
    create(FileDescriptorSetSchema, { file: inOrder([...files.values()]) }),
  );
  return ours.flatMap((name) => registry.getService(name)?.methods ?? []);

  type Question = { readonly case: "listServices" | "fileContainingSymbol"; readonly value: string };
  async function ask(messageRequest: Question) {
    async function* questions() {
      yield { messageRequest };
    }
    const answers = [];
    for await (const { messageResponse } of client.serverReflectionInfo(questions()))
      answers.push(messageResponse);
    return answers;
  }
}

/** The full name by which a procedure is called. */
export function nameOf(method: DescMethod): string {
  return `${method.parent.typeName}/${method.name}`;
}

/** Files behind what they import. */
function inOrder(files: readonly FileDescriptorProto[]): FileDescriptorProto[] {
  const byName = new Map(files.map((file) => [file.name, file]));
  const done = new Set<FileDescriptorProto>();
  const add = (file: FileDescriptorProto | undefined) => {
    if (!file || done.has(file)) return;
    for (const name of file.dependency) add(byName.get(name));
    done.add(file);
  };
  for (const file of files) add(file);
  return [...done];
}
