import { type DescFile, type DescService, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { nestedTypes } from "@bufbuild/protobuf/reflect";
import { FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import { Code, type ServiceImpl } from "@connectrpc/connect";
import type {
  ServerReflection,
  ServerReflectionRequest,
  ServerReflectionResponseSchema,
} from "@mneme/proto/grpc/reflection/v1/reflection_pb.js";

/**
 * Server reflection, v1; v1alpha has the same messages under another name. Files come with everything
 * they import.
 *
 * @param others files that no service imports but whose messages travel, e.g. as details of errors.
 */
export function createReflection(
  services: readonly DescService[],
  others: readonly DescFile[],
): Pick<ServiceImpl<typeof ServerReflection>, "serverReflectionInfo"> {
  const index = indexFiles([...services.map(({ file }) => file), ...others]);
  const listing = services.map((service) => ({ name: service.typeName }));
  return {
    async *serverReflectionInfo(requests) {
      for await (const request of requests) {
        yield {
          validHost: request.host,
          originalRequest: request,
          messageResponse: answer(request.messageRequest, index, listing),
        };
      }
    },
  };
}

interface FileIndex {
  readonly byName: ReadonlyMap<string, DescFile>;
  readonly bySymbol: ReadonlyMap<string, DescFile>;
  /** Extended type to its extensions' numbers and files. */
  readonly extensions: ReadonlyMap<string, ReadonlyMap<number, DescFile>>;
}

type Question = ServerReflectionRequest["messageRequest"];
type Reply = MessageInitShape<typeof ServerReflectionResponseSchema>["messageResponse"] & {};

function answer(question: Question, index: FileIndex, listing: readonly { name: string }[]): Reply {
  switch (question.case) {
    case "listServices":
      return { case: "listServicesResponse", value: { service: [...listing] } };
    case "fileByFilename":
      return filesOf(index.byName.get(question.value));
    case "fileContainingSymbol":
      return filesOf(index.bySymbol.get(question.value));
    case "fileContainingExtension": {
      const { containingType, extensionNumber } = question.value;
      return filesOf(index.extensions.get(containingType)?.get(extensionNumber));
    }
    case "allExtensionNumbersOfType": {
      if (!index.bySymbol.has(question.value)) return notFound();
      const extensionNumber = [...(index.extensions.get(question.value)?.keys() ?? [])];
      return {
        case: "allExtensionNumbersResponse",
        value: { baseTypeName: question.value, extensionNumber },
      };
    }
    default:
      return failure(Code.InvalidArgument, "the request asks for nothing");
  }
}

/** Anybody may ask, and as often as they like: each file is written once. */
const written = new WeakMap<DescFile, Uint8Array<ArrayBuffer>>();

function bytesOf(file: DescFile): Uint8Array<ArrayBuffer> {
  const known = written.get(file);
  if (known) return known;
  const bytes = toBinary(FileDescriptorProtoSchema, file.proto);
  written.set(file, bytes);
  return bytes;
}

function filesOf(file: DescFile | undefined): Reply {
  if (!file) return notFound();
  const fileDescriptorProto = withDependencies(file).map(bytesOf);
  return { case: "fileDescriptorResponse", value: { fileDescriptorProto } };
}

function notFound(): Reply {
  return failure(Code.NotFound, "no such file, symbol or extension");
}

function failure(code: Code, errorMessage: string): Reply {
  return { case: "errorResponse", value: { errorCode: code, errorMessage } };
}

/** The file and all that it imports, each once; clients take the first one for the answer. */
function withDependencies(file: DescFile, seen = new Set<DescFile>()): DescFile[] {
  if (seen.has(file)) return [];
  seen.add(file);
  return [file, ...file.dependencies.flatMap((dependency) => withDependencies(dependency, seen))];
}

function indexFiles(files: readonly DescFile[]): FileIndex {
  const seen = new Set<DescFile>();
  for (const file of files) withDependencies(file, seen);
  const byName = new Map<string, DescFile>();
  const bySymbol = new Map<string, DescFile>();
  const extensions = new Map<string, Map<number, DescFile>>();
  for (const file of seen) {
    byName.set(file.proto.name, file);
    for (const symbol of symbolsOf(file)) bySymbol.set(symbol, file);
    for (const type of nestedTypes(file)) {
      if (type.kind !== "extension") continue;
      const numbers = extensions.get(type.extendee.typeName) ?? new Map<number, DescFile>();
      extensions.set(type.extendee.typeName, numbers.set(type.number, file));
    }
  }
  return { byName, bySymbol, extensions };
}

function symbolsOf(file: DescFile): string[] {
  return [...nestedTypes(file)].flatMap((type) => {
    switch (type.kind) {
      case "service":
        return [type.typeName, ...type.methods.map((method) => `${type.typeName}.${method.name}`)];
      case "message":
        return [type.typeName, ...type.members.map((member) => `${type.typeName}.${member.name}`)];
      case "enum":
        // Values are siblings of their enum, not members.
        return [type.typeName, ...type.values.map(({ name }) => type.typeName.replace(/[^.]+$/, name))];
      default:
        return [type.typeName];
    }
  });
}
