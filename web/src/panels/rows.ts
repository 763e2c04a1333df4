/** What the pages show, as the contract has it. */

import type { Shape } from "../api/contract";

/** Rows, newest first. */
export interface Listing<R> {
  readonly rows: readonly R[];
  readonly after: string;
}

export type QualityRow = Shape["QualityRow"];
export type QualitySummary = Shape["QualitySummary"];
export type LatencyStage = Shape["LatencyStage"];
export type DecisionRow = Shape["DecisionRow"];
export type MarkoutSummary = Shape["MarkoutSummary"];
export type HeldPosition = Shape["HeldPosition"];
export type Portfolio = Shape["Portfolio"];
export type EquityPoint = Shape["EquityPoint"];
export type ProfitRow = Shape["ProfitRow"];
export type LotRow = Shape["LotRow"];
export type LimitUse = Shape["LimitUse"];
export type Limits = Shape["Limits"];
export type Breaker = Shape["Breaker"];
export type Breakers = Shape["Breakers"];
export type ControlShown = Shape["ControlShown"];
export type DayTrades = Shape["DayTrades"];
export type DrillShown = Shape["Drill"];
export type KillState = Shape["KillState"];
export type Part = Shape["Part"];
export type SystemStatus = Shape["SystemStatus"];
export type Reconciliation = Shape["Reconciliation"];
export type AlertShown = Shape["AlertShown"];
export type JobShown = Shape["JobShown"];
export type SettingShown = Shape["SettingShown"];
export type AuditRow = Shape["AuditRow"];
export type UserShown = Shape["UserShown"];
