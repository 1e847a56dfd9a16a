import type { Builder } from "./builder.ts";
import { elementType } from "./onnx-graph.ts";
import { rowQuantize, transpose } from "./quantize.ts";

/** A weight as published, `[out, inner]` row by row. */
export interface Matrix {
  readonly name: string;
  readonly out: number;
  readonly inner: number;
  readonly values: Float32Array;
}

/** How a variant multiplies `[tokens, inner]` activations with a matrix, giving `[tokens, out]`. */
export interface Linear {
  /** For activations of either sign. */
  signed(input: string, matrix: Matrix): string;
  /** For layer norm's output, where a few channels stand out. */
  normed(input: string, matrix: Matrix): string;
  /** For GELU's output, which is never below -0.1701. */
  activated(input: string, matrix: Matrix): string;
}

/** Products in floats, as published. */
export function floatLinear(builder: Builder): Linear {
  const multiply = (input: string, { name, out, inner, values }: Matrix) =>
    builder.node("MatMul", [
      input,
      builder.tensor(name, elementType.float, [inner, out], transpose(values, out, inner)),
    ]);
  return { signed: multiply, normed: multiply, activated: multiply };
}

const GELU_MINIMUM = -0.1701;
const GELU_ZERO = 16;
const SIGNED_ZERO = 128;

/**
 * The channels of the residual stream that are several times larger than the rest in every layer (largest
 * absolute values over plain English: 10, 6, 5 and 5 against a median of 1.3), and what they are divided by
 * before rounding; their weights are multiplied by the same. Without it they alone would set every row's
 * scale: mean cosine to fp32 .997 instead of .999 (the idea is SmoothQuant's, arXiv:2211.10438).
 */
const OUTSTANDING: Readonly<Record<number, number>> = { 63: 3, 99: 5, 157: 2.5, 223: 2.5 };

/**
 * Products of 8-bit integers. Each weight row has a fixed scale; each token's activations get their own as they
 * come, so a vector depends on its text alone, which one scale a batch (`DynamicQuantizeLinear`) would not give.
 */
export function integerLinear(builder: Builder): Linear {
  return new IntegerLinear(builder);
}

class IntegerLinear implements Linear {
  readonly #b: Builder;
  readonly #one: string;
  readonly #flat: string;
  readonly #smallest: string;

  constructor(builder: Builder) {
    this.#b = builder;
    this.#one = builder.float("one", 1);
    this.#flat = builder.integers("flat", [-1]);
    this.#smallest = builder.float("gelu.smallest_scale", -GELU_MINIMUM / GELU_ZERO);
  }

  signed(input: string, matrix: Matrix): string {
    const largest = this.#rowMaximum(this.#b.node("Abs", [input]));
    const scale = this.#times(largest, `${matrix.name}.reach`, 1 / 127);
    return this.#multiply(input, scale, SIGNED_ZERO, matrix);
  }

  normed(input: string, matrix: Matrix): string {
    const factors = new Float32Array(matrix.inner).fill(1);
    for (const [channel, factor] of Object.entries(OUTSTANDING)) factors[Number(channel)] = factor;
    const values = matrix.values.map((value, i) => value * (factors[i % matrix.inner] as number));
    const inverse = this.#b.floats(
      `${matrix.name}.even`,
      factors.map((factor) => 1 / factor),
    );
    return this.signed(this.#b.node("Mul", [input, inverse]), { ...matrix, values });
  }

  activated(input: string, matrix: Matrix): string {
    // Nearly all of the 256 steps go to positive values; the floor keeps GELU's shallow negative dip in range.
    const scale = this.#times(this.#rowMaximum(input), `${matrix.name}.reach`, 1 / (255 - GELU_ZERO));
    return this.#multiply(input, this.#b.node("Max", [scale, this.#smallest]), GELU_ZERO, matrix);
  }

  #rowMaximum(input: string): string {
    return this.#b.node("ReduceMax", [input], { axes: { ints: [1] }, keepdims: { int: 1 } });
  }

  #times(input: string, name: string, factor: number): string {
    return this.#b.node("Mul", [input, this.#b.float(name, factor)]);
  }

  /** @param scale `[tokens, 1]` */
  #multiply(input: string, scale: string, zero: number, { name, out, inner, values }: Matrix): string {
    const b = this.#b;
    const rowScale = b.node("Reshape", [scale, this.#flat]);
    const zeroPoint = b.tensor(`${name}.zero`, elementType.uint8, [], Uint8Array.of(zero));
    const zeroPoints = b.node("Expand", [zeroPoint, b.node("Shape", [rowScale])]);
    const rounded = b.node("QuantizeLinear", [input, rowScale, zeroPoints], { axis: { int: 0 } });
    const quantized = rowQuantize(values, inner);
    const weight = b.tensor(name, elementType.int8, [inner, out], transpose(quantized.values, out, inner));
    const weightScales = b.floats(`${name}.scales`, quantized.scales);
    const product = b.microsoft("MatMulIntegerToFloat", [
      rounded,
      weight,
      this.#one,
      weightScales,
      zeroPoint,
    ]);
    return b.node("Mul", [product, scale]);
  }
}
