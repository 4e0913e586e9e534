import CHar

/// What an app's sensors give, where that is not what the model was trained on. The rules are those of `har/source.h`.
public struct HarSource {
    public enum Preset: UInt32, Sendable {
        /// `CMAccelerometerData`, `CMGyroData`: sensors 0 and 1.
        case coreMotion = 2
        /// `CMDeviceMotion`: userAcceleration, gravity, rotationRate are sensors 0, 1 and 2.
        case deviceMotion = 3
    }

    public enum Mount: UInt32, Sendable {
        case asTrained = 0
        case upsideDown = 1
        case faceIn = 2
        /// A watch on the right wrist for a model of the left, or the other way.
        case otherWrist = 3
    }

    var config = har_source()

    /// `rateHz` is the rate of all sensors, 0: not stated. `sensors` keeps the first ones alone, for a model that has no channels of the others.
    public init(_ preset: Preset, mount: Mount = .asTrained, rateHz: Double = 0, sensors: Int? = nil) {
        har_source_init(&config, size(of: har_source.self), preset.rawValue)
        config.mount = mount.rawValue
        if let sensors {
            config.sensor_count = UInt32(sensors)
        }
        let count = Int(config.sensor_count)
        withUnsafeMutableBytes(of: &config.sensors) { bytes in
            let stated = bytes.bindMemory(to: har_source_sensor.self)
            for sensor in 0..<count {
                stated[sensor].rate_hz = rateHz
            }
        }
    }
}
