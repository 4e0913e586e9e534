import CHar
import Foundation

/// An opened `.har` file. It never changes; any number of threads and streams may use it.
public final class HarModel: @unchecked Sendable {
    let handle: OpaquePointer
    private let info: har_model_info
    /// The classes, by their numbers.
    public let classNames: [String]

    private init(_ opened: OpaquePointer) {
        var found = har_model_info()
        found.struct_size = size(of: har_model_info.self)
        har_model_get_info(opened, &found)
        handle = opened
        info = found
        classNames = (0..<found.class_count).map { String(cString: har_model_class_name(opened, $0)) }
    }

    /// Opens a file; every byte that is used later is checked. Throws `HarError`.
    public convenience init(path: String) throws {
        var opened: OpaquePointer?
        try call { har_model_open_file(path, nil, &opened, $0) }
        self.init(opened!)
    }

    /// Opens the bytes of a file; they are copied. Throws `HarError`.
    public convenience init(data: Data) throws {
        var config = har_model_config()
        har_model_config_init(&config, size(of: har_model_config.self))
        config.copy_bytes = 1
        var opened: OpaquePointer?
        try data.withUnsafeBytes { bytes in
            _ = try call { har_model_open_memory(bytes.baseAddress, bytes.count, &config, &opened, $0) }
        }
        self.init(opened!)
    }

    deinit {
        har_model_release(handle)
    }

    public var name: String { text(HAR_TEXT_NAME) }
    public var version: String { text(HAR_TEXT_VERSION) }
    public var summary: String { text(HAR_TEXT_DESCRIPTION) }
    /// Of the model, not of the library.
    public var licence: String { text(HAR_TEXT_LICENCE) }
    /// Values of a sample.
    public var channelCount: Int { Int(info.channel_count) }
    /// Columns after the signal steps.
    public var signalChannelCount: Int { Int(info.signal_channel_count) }
    /// In samples.
    public var window: Int { Int(info.window) }
    /// In samples.
    public var hop: Int { Int(info.hop) }
    public var rateHz: Double { info.rate_hz }
    /// Whether the network computes in INT8; else in FP32.
    public var isInt8: Bool { Int(info.numeric) == Int(HAR_NUMERIC_INT8) }
    /// Memory owned by the model, in bytes.
    public var modelBytes: Int { Int(info.model_bytes) }
    /// Memory of a stream by the model's own settings, in bytes.
    public var streamBytes: Int { Int(info.stream_bytes) }

    /// Runs the file's golden vectors on this device; returns how many were reproduced. Throws `HarError` where one was not.
    public func selftest() throws -> Int {
        var report = har_selftest()
        report.struct_size = size(of: har_selftest.self)
        try call { har_model_selftest(handle, &report, $0) }
        return Int(report.checked)
    }

    /// How the file decides; change it and give it to a stream. Throws `HarError` where the model has no network.
    public func decision() throws -> HarDecision {
        var config = har_decision_config()
        try call { _ in har_decision_config_init(&config, size(of: har_decision_config.self), handle) }
        return HarDecision(config: config)
    }

    private func text(_ which: Int) -> String {
        String(cString: har_model_text(handle, Int32(which)))
    }
}
