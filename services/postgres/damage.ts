import { MnemeError } from "@mneme/core/errors.ts";

/**
 * Opens sealed values, any of which may be damaged (a byte is another, or a newer release wrote it): one such
 * row must not stand in the way of all that are read with it.
 *
 * @throws MnemeError when an engine is away, which says nothing about the values.
 */
export async function unlessDamaged<T>(
  open: () => Promise<T>,
): Promise<{ readonly value: T } | { readonly damage: unknown }> {
  try {
    return { value: await open() };
  } catch (error) {
    if (error instanceof MnemeError) throw error;
    return { damage: error };
  }
}
