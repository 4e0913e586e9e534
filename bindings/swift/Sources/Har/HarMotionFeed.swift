#if os(iOS) || os(watchOS)
import CoreMotion
import Foundation

/// The motion of the iPhone or Apple Watch that it runs on, as labels:
///
///     let feed = try HarMotionFeed(model: model) { event in print(event.name) }
///     try feed.start()
///
/// `onEvent` and `onError` are called on a queue of the feed's own.
public final class HarMotionFeed {
    /// What `start` throws where the device has no motion sensors.
    public struct NoSensor: Error {}

    private static let nsPerSecond = 1e9
    private let manager = CMMotionManager()
    private let queue = OperationQueue()
    private let stream: HarStream
    private let onEvent: (HarEvent) -> Void
    private let onError: (Error) -> Void

    /// `options.source` is set by the feed, from `mount`. Throws `HarError`.
    public init(
        model: HarModel, options: HarStreamOptions = HarStreamOptions(), mount: HarSource.Mount = .asTrained,
        onError: @escaping (Error) -> Void = { _ in }, onEvent: @escaping (HarEvent) -> Void
    ) throws {
        var options = options
        options.source = HarSource(.deviceMotion, mount: mount)
        stream = try HarStream(model: model, options: options)
        self.onEvent = onEvent
        self.onError = onError
        queue.maxConcurrentOperationCount = 1
        manager.deviceMotionUpdateInterval = 1 / (2 * model.rateHz)
    }

    deinit {
        manager.stopDeviceMotionUpdates()
    }

    /// Begins, at twice the model's rate. Throws `NoSensor`.
    public func start() throws {
        guard manager.isDeviceMotionAvailable else { throw NoSensor() }
        manager.startDeviceMotionUpdates(to: queue) { [weak self] motion, error in
            if let motion {
                self?.take(motion)
            } else if let error {
                self?.onError(error)
            }
        }
    }

    /// Ends; `start` goes on, after a gap.
    public func stop() {
        manager.stopDeviceMotionUpdates()
    }

    private func take(_ motion: CMDeviceMotion) {
        let time = Int64(motion.timestamp * HarMotionFeed.nsPerSecond)
        let user = motion.userAcceleration
        let gravity = motion.gravity
        let rotation = motion.rotationRate
        let readings: [[Double]] = [
            [user.x, user.y, user.z],
            [gravity.x, gravity.y, gravity.z],
            [rotation.x, rotation.y, rotation.z],
        ]
        do {
            for (sensor, values) in readings.enumerated() {
                _ = try stream.push(sensor: sensor, values.map(Float.init), times: [time])
            }
            try stream.due().forEach(onEvent)
        } catch {
            onError(error)
        }
    }
}
#endif
