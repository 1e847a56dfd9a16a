import type { Presence } from "@mneme/core/ageing/presence.ts";
import type { ReviewReports } from "@mneme/core/ageing/review-store.ts";
import type { AuditStore } from "@mneme/core/audit/audit-store.ts";
import type { AuditAnchors, HeadSigner } from "@mneme/core/audit/head.ts";
import type { ConsolidationStore, EpisodeStore } from "@mneme/core/consolidation/consolidation-store.ts";
import type { TurnStore } from "@mneme/core/context/turn-store.ts";
import type { ModelSpending } from "@mneme/core/cost/model-spending.ts";
import type { TenantUsageReports } from "@mneme/core/cost/tenant-usage.ts";
import type { UsageReports } from "@mneme/core/cost/usage-reports.ts";
import type { Embedder } from "@mneme/core/embedding/embedder.ts";
import type { ViewFor } from "@mneme/core/embedding/views.ts";
import type { TenantKeyDeps } from "@mneme/core/encryption/manage-tenant-key.ts";
import type { ExtractionSignals, ExtractionStore } from "@mneme/core/extraction/extraction-store.ts";
import type { FeedbackStore } from "@mneme/core/feedback/feedback-store.ts";
import type { FreshnessStore, FreshnessTokens } from "@mneme/core/freshness/freshness.ts";
import type { GraphStore } from "@mneme/core/graph/graph-store.ts";
import type { AddLimits } from "@mneme/core/limits/metered-conversations.ts";
import type { ConversationStore } from "@mneme/core/memory/conversation-store.ts";
import type { MemoryStore } from "@mneme/core/memory/memory-store.ts";
import type { ProfileStore } from "@mneme/core/profile/profile-store.ts";
import type { ReplayStore } from "@mneme/core/replay/replay-store.ts";
import type { PathFinder } from "@mneme/core/search/graph-arm.ts";
import type { KnownParticipants } from "@mneme/core/search/known-participants.ts";
import type { MemoryIndex } from "@mneme/core/search/memory-index.ts";
import type { Reranking } from "@mneme/core/search/rerank.ts";
import type { SearchStore } from "@mneme/core/search/search-store.ts";
import type { UseCounter } from "@mneme/core/search/uses.ts";
import type { SessionStore } from "@mneme/core/session/session-store.ts";
import type { SigningKeys } from "@mneme/core/signing/signing-keys.ts";
import type { ApiKeyStore } from "@mneme/core/tenancy/api-key-store.ts";
import type { People } from "@mneme/core/tenancy/mint-user-token.ts";
import type { OperatorStore } from "@mneme/core/tenancy/operator-store.ts";
import type { Placements } from "@mneme/core/tenancy/placement.ts";
import type { SettingsOf } from "@mneme/core/tenancy/settings-of.ts";
import type { GrantStore, TeamStore } from "@mneme/core/tenancy/team-store.ts";
import type { ProjectStore, TenantStore } from "@mneme/core/tenancy/tenant-store.ts";
import type { UserTokens } from "@mneme/core/tenancy/user-tokens.ts";
import type { AllowedModels } from "../checks/settings.ts";

/** What the routes stand on; `context.ts` builds it. */
export interface RouteDeps {
  readonly conversations: ConversationStore;
  /** What adds are held to. */
  readonly addLimits: AddLimits;
  readonly memories: MemoryStore;
  readonly reviews: ReviewReports;
  readonly extractions: ExtractionStore;
  readonly signals: ExtractionSignals;
  readonly sessions: SessionStore;
  readonly search: SearchStore;
  readonly profiles: ProfileStore;
  readonly graph: GraphStore;
  readonly paths: PathFinder;
  readonly turns: TurnStore;
  /** What holds for a project. */
  readonly settings: SettingsOf;
  /** What administrators are told of what models cost. */
  readonly usage: UsageReports;
  /** The same of all tenants, for the operator. */
  readonly tenantUsage: TenantUsageReports;
  /** Models that settings may name. */
  readonly allowedModels: AllowedModels;
  readonly participants: KnownParticipants;
  readonly uses: Pick<UseCounter, "note">;
  /** Who is searched for. */
  readonly presence: Pick<Presence, "note">;
  readonly freshness: FreshnessStore;
  readonly tokens: FreshnessTokens;
  readonly index: Pick<MemoryIndex, "candidates">;
  readonly embedder: Embedder;
  /** What embedding and reranking take is counted by; nothing is unless there is one. */
  readonly spending?: Pick<ModelSpending, "note">;
  /** By whatever a project names instead. */
  readonly viewFor?: ViewFor<Pick<MemoryIndex, "candidates">>;
  /** Undefined: this deployment has no reranker. */
  readonly reranking: Reranking | undefined;
  readonly feedback: FeedbackStore;
  readonly replays: ReplayStore;
  readonly consolidations: ConsolidationStore;
  /** What holds for a project at this moment, for what an application does right behind setting it. */
  readonly settingsNow: SettingsOf;
  readonly episodes: EpisodeStore;
  readonly people: People;
  readonly tenants: TenantStore;
  readonly projects: ProjectStore;
  readonly teams: TeamStore;
  readonly grants: GrantStore;
  readonly apiKeys: ApiKeyStore;
  readonly operator: OperatorStore;
  readonly placements: Pick<Placements, "find">;
  readonly signingKeys: Pick<SigningKeys, "rotate" | "current">;
  readonly userTokens: Pick<UserTokens, "mint">;
  readonly tenantKeys: TenantKeyDeps;
  readonly audit: AuditStore;
  readonly auditAnchors: Pick<AuditAnchors, "read">;
  readonly auditHeads: Pick<HeadSigner, "verify">;
}
