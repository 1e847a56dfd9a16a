import { ApplicationFailure, DefaultFailureConverter, TemporalFailure } from "@temporalio/common";

type Arguments = Parameters<DefaultFailureConverter["errorToFailure"]>;

/**
 * Keeps messages, causes and stacks of unforeseen errors out of histories: they may quote what was being
 * worked. The worker's log has what is needed to find them.
 */
class DiscreetFailureConverter extends DefaultFailureConverter {
  override errorToFailureInner(...[error, ...rest]: Arguments) {
    const discreet =
      error instanceof TemporalFailure
        ? error
        : ApplicationFailure.create({
            type: "INTERNAL",
            message: "an unforeseen error; see the worker's log",
          });
    return { ...super.errorToFailureInner(discreet, ...rest), stackTrace: "" };
  }
}

/** Named as Temporal's data converter expects. */
export const failureConverter = new DiscreetFailureConverter();
