import CHar

/// How scores become activities; the fields and rules of `har/decision.h`.
public struct HarDecision: Sendable {
    var config: har_decision_config

    public var temperature: Float {
        get { config.temperature }
        set { config.temperature = newValue }
    }
    public var smoothing: Float {
        get { config.smoothing }
        set { config.smoothing = newValue }
    }
    public var majority: Int {
        get { Int(config.majority) }
        set { config.majority = UInt32(newValue) }
    }
    public var enterAbove: Float {
        get { config.enter_above }
        set { config.enter_above = newValue }
    }
    public var exitBelow: Float {
        get { config.exit_below }
        set { config.exit_below = newValue }
    }
    public var minDurationNs: Int64 {
        get { config.min_duration_ns }
        set { config.min_duration_ns = newValue }
    }
    public var abstainBelow: Float {
        get { config.abstain_below }
        set { config.abstain_below = newValue }
    }
}
