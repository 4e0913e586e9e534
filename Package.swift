// swift-tools-version:5.7
// The Swift package of libhar. ./script/build-xcframework makes the framework that it takes.
import PackageDescription

let package = Package(
    name: "libhar",
    platforms: [.iOS(.v14), .macOS(.v11), .watchOS(.v7)],
    products: [.library(name: "Har", targets: ["Har"])],
    targets: [
        .binaryTarget(name: "CHar", path: "build/apple/dynamic/CHar.xcframework"),
        .target(
            name: "Har",
            dependencies: ["CHar"],
            path: "bindings/swift/Sources/Har",
            resources: [.copy("PrivacyInfo.xcprivacy")]
        ),
        .testTarget(name: "HarTests", dependencies: ["Har"], path: "bindings/swift/Tests/HarTests"),
    ]
)
