import XCTest

@testable import Har

final class HarTests: XCTestCase {
    private let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    private func student() throws -> HarModel {
        try HarModel(path: root.appendingPathComponent("models/uci_har_student_int8.har").path)
    }

    /// Two minutes of six channels.
    private func recording() throws -> [Float] {
        let file = root.appendingPathComponent("examples/recordings/simulated.csv")
        let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n").dropFirst(2)
        return lines.flatMap { $0.split(separator: ",").prefix(6).compactMap { Float($0) } }
    }

    func testModelTellsWhatItIs() throws {
        let model = try student()
        XCTAssertEqual(model.channelCount, 6)
        XCTAssertEqual(model.classNames.count, 6)
        XCTAssertEqual(model.rateHz, 50)
        XCTAssertTrue(model.isInt8)
        XCTAssertGreaterThan(try model.selftest(), 0)
    }

    func testLabelsDoNotDependOnHowTheRecordingIsCut() throws {
        let samples = try recording()
        let whole = try HarStream(model: student())
        let events = try whole.feed(samples) + whole.finish()
        XCTAssertGreaterThan(Set(events.map(\.name)).count, 3)
        let cut = try HarStream(model: student())
        var pieces: [HarEvent] = []
        for start in stride(from: 0, to: samples.count, by: 42) {
            pieces += try cut.feed(Array(samples[start..<min(start + 42, samples.count)]))
        }
        pieces += try cut.finish()
        XCTAssertEqual(events.map(\.scores), pieces.map(\.scores))
        XCTAssertEqual(events.map(\.name), pieces.map(\.name))
    }

    func testBytesAreCopied() throws {
        let file = root.appendingPathComponent("models/uci_har_student_int8.har")
        let model = try HarModel(data: Data(contentsOf: file))
        XCTAssertGreaterThan(try model.selftest(), 0)
    }

    func testErrorsSayWhat() throws {
        XCTAssertThrowsError(try HarModel(path: "none.har")) { error in
            XCTAssertEqual((error as? HarError)?.name, "HAR_ERR_FILE_OPEN")
        }
        var options = HarStreamOptions()
        options.hop = 100_000
        XCTAssertThrowsError(try HarStream(model: student(), options: options)) { error in
            XCTAssertTrue("\(error)".contains("hop"))
        }
    }

    /// A phone that lies flat and still: Core Motion gives gravity of -1 g on z.
    func testDeviceMotion() throws {
        let path = root.appendingPathComponent("models/hapt_gru.har").path
        var options = HarStreamOptions()
        options.source = HarSource(.deviceMotion)
        let stream = try HarStream(model: HarModel(path: path), options: options)
        var events: [HarEvent] = []
        for reading in 0..<1000 {
            let time = [Int64(reading) * 10_000_000]
            XCTAssertEqual(try stream.push(sensor: 0, [0, 0, 0], times: time), 1)
            XCTAssertEqual(try stream.push(sensor: 1, [0, 0, -1], times: time), 1)
            XCTAssertEqual(try stream.push(sensor: 2, [0, 0, 0], times: time), 1)
            events += try stream.due()
        }
        XCTAssertEqual(events.last?.name, "LAYING")
    }
}
