// swift-tools-version:5.7
// The Swift package of libhar. On Apple's systems it takes the framework that ./script/build-xcframework makes, on Linux
// the library that is installed (har.pc).
import PackageDescription

#if os(Linux)
let library = Target.systemLibrary(name: "CHar", path: "bindings/swift/linux", pkgConfig: "har")
#else
let library = Target.binaryTarget(name: "CHar", path: "build/apple/dynamic/CHar.xcframework")
#endif

let package = Package(
    name: "libhar",
    platforms: [.iOS(.v14), .macOS(.v11), .watchOS(.v7)],
    products: [.library(name: "Har", targets: ["Har"])],
    targets: [
        library,
        .target(
            name: "Har",
            dependencies: ["CHar"],
            path: "bindings/swift/Sources/Har",
            resources: [.copy("PrivacyInfo.xcprivacy")]
        ),
        .testTarget(name: "HarTests", dependencies: ["Har"], path: "bindings/swift/Tests/HarTests"),
    ]
)
