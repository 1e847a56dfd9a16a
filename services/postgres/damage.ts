import { DamagedValueError } from "@mneme/core/encryption/cipher.ts";

/**
 * Opens sealed values, any of which may be damaged: one such row must not stand in the way of all that are
 * read with it.
 *
 * @throws whatever else keeps them from being opened, which says nothing about the values.
 */
export async function unlessDamaged<T>(
  open: () => Promise<T>,
): Promise<{ readonly value: T } | { readonly damage: DamagedValueError }> {
  try {
    return { value: await open() };
  } catch (error) {
    if (!(error instanceof DamagedValueError)) throw error;
    return { damage: error };
  }
}

/** What a damaged value is taken for where it can be gone without. */
export async function openOr<T, U>(open: () => Promise<T>, otherwise: U): Promise<T | U> {
  const opened = await unlessDamaged(open);
  return "value" in opened ? opened.value : otherwise;
}
