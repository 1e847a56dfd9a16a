import type { DescEnum } from "@bufbuild/protobuf";
import { invalidField } from "../errors/errors.ts";

/** Between an enum's numbers and its names in lower case without the prefix; 0 is undefined. */
export interface EnumCodec<Name extends string, Wire extends number> {
  readonly names: readonly Name[];
  /** Undefined for 0, and for a value that a newer server sends. */
  fromWire(value: Wire): Name | undefined;
  /** @throws InvalidArgumentError naming the field when the name is unknown. */
  toWire(name: Name | undefined, field: string): Wire;
}

/** Builds the codec from the generated descriptor, so that it cannot fall behind it. */
export function enumCodec<Name extends string, Wire extends number>(desc: DescEnum): EnumCodec<Name, Wire> {
  const values = desc.values.filter(({ number }) => number !== 0);
  const toNumber = new Map(values.map(({ localName, number }) => [localName.toLowerCase(), number]));
  const toName = new Map([...toNumber].map(([name, number]) => [number, name as Name]));
  return {
    names: [...toName.values()],
    fromWire: (value) => toName.get(value),
    toWire(name, field) {
      if (name === undefined) return 0 as Wire;
      const number = toNumber.get(name);
      if (number === undefined)
        throw invalidField(field, `must be one of ${[...toNumber.keys()].join(", ")}`);
      return number as Wire;
    },
  };
}
