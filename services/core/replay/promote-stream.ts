import { roomOf } from "../memory/make-room.ts";
import type { ReplayPlan } from "./replay.ts";
import {
  type ReadOptions,
  type ReplayDeps,
  replayStream,
  type StreamOutcome,
  settingsOf,
} from "./replay-stream.ts";

/**
 * Puts what a replay read of one stream in the place of what is known. What was said since it was read is read first, in the
 * same way; then both are compared once more, and applied, under the stream's lock.
 *
 * @returns `ended` where it is done; also where it is not to be replayed any more.
 * @throws MnemeError as `replayStream`.
 */
export async function promoteStream(
  deps: ReplayDeps,
  plan: ReplayPlan,
  streamId: string,
  options: ReadOptions,
): Promise<StreamOutcome> {
  const { signal, mayGoOn } = options;
  const room = roomOf((await settingsOf(deps, plan)).retention);
  do {
    const promoted = await deps.work.promote(plan, { streamId, room }, signal);
    if (promoted !== "behind") return "ended";
    await deps.work.extend(plan, streamId, signal);
    const read = await replayStream(deps, plan, streamId, options);
    if (read !== "ended") return read;
  } while (mayGoOn());
  return "begun";
}
