import type { Rewrite } from "../rewrites.ts";
import { HABITS_IDIOMS } from "./habits.ts";
import { HEALTH_IDIOMS } from "./health.ts";
import { HOME_IDIOMS } from "./home.ts";
import { MEASURES_IDIOMS } from "./measures.ts";
import { OFF_IDIOMS } from "./off.ts";
import { PEOPLE_IDIOMS } from "./people.ts";
import { TASTES_IDIOMS } from "./tastes.ts";
import { THINGS_IDIOMS } from "./things.ts";
import { WORK_IDIOMS } from "./work.ts";

/** What is said of common attributes in a turn of phrase, each as the plain sentence. */
export const IDIOMS: readonly Rewrite[] = [
  ...WORK_IDIOMS,
  ...HOME_IDIOMS,
  ...HEALTH_IDIOMS,
  ...PEOPLE_IDIOMS,
  ...THINGS_IDIOMS,
  ...OFF_IDIOMS,
  ...TASTES_IDIOMS,
  ...HABITS_IDIOMS,
  ...MEASURES_IDIOMS,
];
