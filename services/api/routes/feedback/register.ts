import { FeedbackService } from "@mneme/proto/mneme/feedback/v1/feedback_service_pb.js";
import { type Served, serve } from "../../frame.ts";
import type { RouteDeps } from "../deps.ts";
import { giveFeedback } from "./give-feedback.ts";
import { listFeedback } from "./list-feedback.ts";
import { listMisses } from "./list-misses.ts";
import { reportMiss } from "./report-miss.ts";

export function feedbackService(deps: RouteDeps): Served {
  return serve(FeedbackService, {
    giveFeedback: giveFeedback(deps),
    listFeedback: listFeedback(deps),
    reportMiss: reportMiss(deps),
    listMisses: listMisses(deps),
  });
}
