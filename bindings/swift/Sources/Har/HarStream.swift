import CHar

/// How to make a stream; 0 and nil stand for the model's own. The fields of `har_stream_config` in `har/stream.h`.
public struct HarStreamOptions {
    /// Samples between windows.
    public var hop = 0
    /// Samples that may wait beyond the window that is due.
    public var queue = 0
    /// Two times further apart restart the window.
    public var maxGapNs: Int64 = 0
    /// How long one sensor of the source is waited for; 0: however long.
    public var maxWaitNs: Int64 = 0
    /// Whether windows in which nothing moved may repeat the last one.
    public var stillGate = false
    /// The most hops between windows while the activity is steady.
    public var maxStretch = 0
    /// What the app's sensors give; nil: samples as the model's own.
    public var source: HarSource?
    /// How scores become activities; nil: as the model's file says.
    public var decision: HarDecision?

    public init() {}
}

/// One source of samples on its way to labels. One thread at a time.
///
///     let stream = try HarStream(model: HarModel(path: path))
///     for event in try stream.feed(samples) { print(event.name) }
public final class HarStream {
    public let model: HarModel
    private let handle: OpaquePointer

    /// Throws `HarError`.
    public init(model: HarModel, options: HarStreamOptions = HarStreamOptions()) throws {
        var config = har_stream_config()
        har_stream_config_init(&config, size(of: har_stream_config.self))
        config.hop = UInt32(options.hop)
        config.queue = UInt32(options.queue)
        config.max_gap_ns = options.maxGapNs
        config.max_wait_ns = options.maxWaitNs
        config.still_gate = options.stillGate ? 1 : 0
        config.max_stretch = UInt32(options.maxStretch)
        var made: OpaquePointer?
        try withOptionalPointer(to: options.source?.config) { source in
            try withOptionalPointer(to: options.decision?.config) { decision in
                config.source = source
                config.decision = decision
                _ = try call { har_stream_create(model.handle, &config, &made, $0) }
            }
        }
        self.model = model
        handle = made!
    }

    deinit {
        har_stream_destroy(handle)
    }

    /// Pushes samples, row after row in the units of the model's channels; `times` has one for each, strictly increasing. Returns how many
    /// samples were taken: fewer than given means that the queue is full; poll and push the rest. Throws `HarError`.
    public func push(_ samples: ArraySlice<Float>, times: ArraySlice<Int64>? = nil) throws -> Int {
        let rows = samples.count / model.channelCount
        precondition(samples.count == rows * model.channelCount, "values are not whole samples")
        precondition(times == nil || times?.count == rows, "not a time for each sample")
        let columns = UInt32(model.channelCount)
        return try pushed(samples, times) { values, times, taken, record in
            har_push_samples(self.handle, values, rows, columns, times, taken, record)
        }
    }

    /// Pushes readings of one sensor of the source, `columns` values each, with their times. Returns how many were taken: fewer than given
    /// means that the queue or the sensor's buffer is full; poll, push the other sensors, and push the rest. Throws `HarError`.
    public func push(sensor: Int, _ values: [Float], columns: Int = 3, times: [Int64]) throws -> Int {
        precondition(values.count == times.count * columns, "not a time for each reading")
        return try pushed(values[...], times[...]) { values, stamps, taken, record in
            har_push_sensor(
                self.handle, UInt32(sensor), values, times.count, UInt32(columns), stamps, taken, record)
        }
    }

    private typealias Push = (
        UnsafePointer<Float>?, UnsafePointer<Int64>?, UnsafeMutablePointer<Int>,
        UnsafeMutablePointer<har_error>
    ) -> Int32

    private func pushed(
        _ values: ArraySlice<Float>, _ times: ArraySlice<Int64>?, _ push: Push
    ) throws -> Int {
        var taken = 0
        try values.withUnsafeBufferPointer { values in
            if let times {
                try times.withUnsafeBufferPointer { times in
                    _ = try call { push(values.baseAddress, times.baseAddress, &taken, $0) }
                }
            } else {
                _ = try call { push(values.baseAddress, nil, &taken, $0) }
            }
        }
        return taken
    }

    /// Computes at most one due window; nil: none is due. Throws `HarError`.
    public func poll() throws -> HarEvent? {
        var event = har_event()
        event.struct_size = size(of: har_event.self)
        let status = try call { har_poll_label(handle, &event, $0) }
        return status == 0 ? HarEvent(event) : nil
    }

    /// The labels that are due.
    public func due() throws -> [HarEvent] {
        var events: [HarEvent] = []
        while let event = try poll() {
            events.append(event)
        }
        return events
    }

    /// Pushes all samples, and gives the labels that become due on the way.
    public func feed(_ samples: [Float], times: [Int64]? = nil) throws -> [HarEvent] {
        var events: [HarEvent] = []
        var rest = samples[...]
        var restOfTimes = times?[...]
        while !rest.isEmpty {
            let taken = try push(rest, times: restOfTimes)
            rest = rest.dropFirst(taken * model.channelCount)
            restOfTimes = restOfTimes?.dropFirst(taken)
            events += try due()
        }
        return events
    }

    /// Ends the recording and gives the labels that this completes.
    public func finish() throws -> [HarEvent] {
        var events: [HarEvent] = []
        while try call({ har_stream_flush(handle, $0) }) != 0 {
            events += try due()
        }
        return try events + due()
    }

    /// Back to the state of a new stream.
    public func reset() throws {
        try call { har_stream_reset(handle, $0) }
    }
}

/// Calls `body` with a pointer to the value for the time of the call, or with nil.
private func withOptionalPointer<Value>(
    to value: Value?, _ body: (UnsafePointer<Value>?) throws -> Void
) throws {
    if let value {
        try withUnsafePointer(to: value) { try body($0) }
    } else {
        try body(nil)
    }
}
