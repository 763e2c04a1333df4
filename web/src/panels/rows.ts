/** What the pages read, as the contract has it. */

export interface Listing<R> {
  readonly rows: readonly R[];
  readonly after: string;
  readonly through: number;
}

export interface QualityRow {
  readonly order_id: string;
  readonly parent_order_id: string | null;
  readonly symbol: string;
  readonly side: string;
  readonly route: string;
  readonly strategy_name: string;
  readonly quantity: string;
  readonly notional: string;
  readonly filled_price: string;
  readonly expected_price: string;
  readonly signal_price: string | null;
  readonly decision_mid: string | null;
  readonly slippage_bps: string;
  readonly arrival_slippage_bps: string | null;
  readonly mid_slippage_bps: string | null;
  readonly fill_latency_ms: string;
  readonly first_fill_latency_ms: string;
  readonly order_latency_ms: string;
  readonly signal_at: string;
  readonly decided_at: string;
  readonly filled_at: string;
}

export interface QualitySummary {
  readonly key: string;
  readonly n: number;
  readonly notional: number | null;
  readonly weighted_bps: number | null;
  readonly mean_bps: number;
  readonly median_bps: number;
  readonly p95_bps: number;
  readonly low_bps: number | null;
  readonly high_bps: number | null;
  readonly enough: boolean;
  readonly mean_latency_ms: number;
  readonly p95_latency_ms: number;
}

export interface LatencyStage {
  readonly stage: string;
  readonly n: number;
  readonly median_ms: number | null;
  readonly p95_ms: number | null;
}

export interface DecisionRow {
  readonly ts: string;
  readonly stage: string;
  readonly outcome: string;
  readonly symbol: string;
  readonly reason: string;
  readonly text: string;
  readonly strategy_name: string;
  readonly signal_id: string;
  readonly order_id: string;
  readonly direction: string;
  readonly side: string;
  readonly quantity: string;
  readonly order_type: string;
  readonly limit_price: string | null;
  readonly stop_price: string | null;
  readonly market: MarketRow | null;
  readonly cash: string;
  readonly reserved: string;
  readonly equity: string;
  readonly sizing: Readonly<Record<string, string>>;
  readonly bound: string;
  readonly kelly_fraction: string | null;
  readonly risk: string;
  readonly risk_reasons: readonly string[];
  readonly route: string;
  readonly route_reason: string;
  readonly flags: readonly string[];
  readonly participation: string | null;
}

export interface MarketRow {
  readonly bid: string | null;
  readonly ask: string | null;
  readonly bid_size: string;
  readonly ask_size: string;
  readonly mid: string | null;
  readonly spread_bps: string | null;
  readonly quote_at: string | null;
  readonly quote_age_ms: string | null;
  readonly adv: string | null;
  readonly long_value: string;
  readonly short_value: string;
}

export interface PositionRow {
  readonly symbol: string;
  readonly quantity: string;
  readonly average_price: string | null;
  readonly market_price: string | null;
  readonly market_value: string | null;
  readonly unrealized_pnl: string;
  readonly realized_pnl: string;
  readonly strategy_name: string;
  readonly stop_price: string | null;
}

export interface SnapshotRow {
  readonly ts: string;
  readonly cash: string;
  readonly equity: string;
  readonly reserved: string;
  readonly realized_pnl: string;
  readonly commission: string;
  readonly positions: number;
  readonly working_orders: number;
}

export interface HeldPosition {
  readonly position: PositionRow;
  readonly engine_quantity: string | null;
  readonly broker_quantity: string | null;
  readonly differs: boolean;
  readonly unprotected: string;
  readonly quarantined: string;
}

export interface Portfolio {
  readonly snapshot: SnapshotRow | null;
  readonly positions: readonly HeldPosition[];
  readonly stop_keeper: string;
  readonly reachable: boolean;
  readonly through: number;
}

export interface EquityPoint {
  readonly ts: string;
  readonly equity: string;
  readonly cash: string;
  readonly realized_pnl: string;
  readonly drawdown_share: number;
}

export interface ProfitRow {
  readonly key: string;
  readonly realized: string;
  readonly unrealized: string | null;
  readonly fees: string;
  readonly lots: number;
}

export interface LotRow {
  readonly symbol: string;
  readonly strategy_name: string;
  readonly quantity: string;
  readonly acquired_at: string;
  readonly sold_at: string | null;
  readonly cost: string;
  readonly proceeds: string | null;
  readonly gain: string | null;
  readonly term: string;
}

export interface LimitUse {
  readonly name: string;
  readonly limit: string;
  readonly used: string | null;
  readonly share: number | null;
  readonly unit: string;
  readonly scope: string;
  readonly target: string;
  readonly meaning: string;
}

export interface Limits {
  readonly hash: string;
  readonly since: string;
  readonly by: string;
  readonly reason: string;
  readonly reachable: boolean;
  readonly rows: readonly LimitUse[];
}

export interface Breaker {
  readonly code: string;
  readonly kind: string;
  readonly scope: string;
  readonly target: string;
  readonly text: string;
  readonly by: string;
  readonly since: string | null;
  readonly until: string | null;
  readonly exits: boolean;
  readonly resumable: boolean;
}

export interface Breakers {
  readonly reachable: boolean;
  readonly rows: readonly Breaker[];
}

export interface ControlShown {
  readonly id: string;
  readonly title: string;
  readonly when: string;
  readonly codes: readonly string[];
  readonly limits: Readonly<Record<string, string>>;
  readonly rationale: string;
}

export interface Controls {
  readonly rows: readonly ControlShown[];
}

export interface DayTrades {
  readonly reachable: boolean;
  readonly regime: string;
  readonly used: number | null;
  readonly most: number | null;
  readonly left: number | null;
  readonly window_sessions: number | null;
  readonly text: string;
}

export interface DrillShown {
  readonly at: string;
  readonly by: string;
  readonly where: string;
  readonly mode: string;
  readonly orders: number;
  readonly latch_ms: number;
  readonly gate_ms: number | null;
  readonly cancel_ms: number | null;
  readonly confirmed_ms: number | null;
  readonly unconfirmed: readonly string[];
}

export interface KillState {
  readonly reachable: boolean;
  readonly killed: string;
  readonly latches: readonly Breaker[];
  readonly resume_word: string;
  readonly drills: readonly DrillShown[];
}

export interface DrillAnswer {
  readonly drill: DrillShown;
  readonly kept: boolean;
}

export interface KillAnswer {
  readonly first: boolean;
  readonly reachable: boolean;
  readonly open_orders: number | null;
  readonly text: string;
}

export interface Part {
  readonly name: string;
  readonly kind: string;
  readonly healthy: boolean;
  readonly detail: string;
  readonly lag: number | null;
}

export interface OpenOrder {
  readonly order_id: string;
  readonly symbol: string;
  readonly side: string;
  readonly quantity: string;
  readonly filled: string;
  readonly status: string;
  readonly certainty: string;
  readonly cancel_requested: boolean;
  readonly strategy: string;
}

export interface Status {
  readonly account: string;
  readonly mode: string;
  readonly state: string;
  readonly version: string;
  readonly at: string;
  readonly started_at: string;
  readonly pid: number;
  readonly epoch: number;
  readonly why: string;
  readonly degraded: boolean;
  readonly notice: string;
  readonly holds: Readonly<Record<string, string>>;
  readonly killed: string;
  readonly latches: Readonly<Record<string, string>>;
  readonly records: number;
  readonly cash: string;
  readonly equity: string;
  readonly positions: Readonly<Record<string, string>>;
  readonly open_orders: readonly OpenOrder[];
  readonly quarantined: Readonly<Record<string, string>>;
  readonly stop_keeper: string;
  readonly unprotected: Readonly<Record<string, string>>;
  readonly signals: Readonly<Record<string, number>>;
  readonly parts: readonly Part[];
  readonly approvals: number;
  readonly armed_until: string | null;
}

export interface FeedShown {
  readonly kind: string;
  readonly healthy: boolean;
  readonly age_ms: number | null;
  readonly detail: string;
}

export interface TablesShown {
  readonly tier: string;
  readonly healthy: boolean;
  readonly through: number;
  readonly lag: number | null;
  readonly detail: string;
}

export interface SystemStatus {
  readonly reachable: boolean;
  readonly status: Status | null;
  readonly tables: TablesShown;
  readonly feed: FeedShown | null;
  readonly banner: string;
  readonly severity: string;
  readonly read_only: boolean;
  readonly at: string;
}

export interface Difference {
  readonly what: string;
  readonly name: string;
  readonly text: string;
}

export interface Reconciliation {
  readonly agreed: boolean;
  readonly reachable: boolean;
  readonly open: readonly Difference[];
}

export interface AlertShown {
  readonly id: string;
  readonly ts: string;
  readonly code: string;
  readonly severity: string;
  readonly text: string;
  readonly order_id: string;
  readonly acknowledged_by: string;
  readonly acknowledged_at: string | null;
}

export interface JobShown {
  readonly name: string;
  readonly title: string;
  readonly schedule: string;
  readonly running: boolean;
  readonly last_at: string | null;
  readonly last_result: string;
  readonly last_text: string;
  readonly next_at: string | null;
}

export interface JobAnswer {
  readonly name: string;
  readonly result: string;
  readonly text: string;
}

export interface SettingShown {
  readonly name: string;
  readonly value: string;
  readonly unit: string;
  readonly meaning: string;
  readonly changed: boolean;
}

export interface Settings {
  readonly rows: readonly SettingShown[];
}

export interface AuditRow {
  readonly number: number;
  readonly at: string;
  readonly who: string;
  readonly role: string;
  readonly source: string;
  readonly act: string;
  readonly outcome: string;
  readonly account: string;
  readonly target: string;
  readonly before: string;
  readonly after: string;
  readonly reason: string;
}

export interface UserShown {
  readonly username: string;
  readonly role: string;
  readonly accounts: readonly string[];
  readonly disabled: boolean;
  readonly has_code: boolean;
  readonly must_change_password: boolean;
  readonly created_at: string;
  readonly last_seen_at: string | null;
}

export interface Users {
  readonly rows: readonly UserShown[];
}

export interface SessionShown {
  readonly username: string;
  readonly role: string;
  readonly permissions: readonly string[];
  readonly accounts: readonly string[];
  readonly must_change_password: boolean;
  readonly stepped_up_until: string | null;
  readonly expires_at: string;
  readonly read_only: boolean;
}

export interface Version {
  readonly version: string;
  readonly api: string;
  readonly read_only: boolean;
}
