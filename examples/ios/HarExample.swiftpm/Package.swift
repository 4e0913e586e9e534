// swift-tools-version:5.7
// An app in the form of Swift Playgrounds, which Xcode opens, too.
import AppleProductTypes
import PackageDescription

let package = Package(
    name: "HarExample",
    platforms: [.iOS("16.0")],
    products: [
        .iOSApplication(
            name: "HarExample",
            targets: ["App"],
            bundleIdentifier: "org.libhar.example",
            displayVersion: "1.0",
            bundleVersion: "1",
            supportedDeviceFamilies: [.phone],
            supportedInterfaceOrientations: [.portrait],
            capabilities: [.motion(purposeString: "Shows what you are doing.")]
        )
    ],
    dependencies: [.package(name: "libhar", path: "../../..")],
    targets: [
        .executableTarget(
            name: "App",
            dependencies: [.product(name: "Har", package: "libhar")],
            path: ".",
            resources: [.copy("Models")]
        )
    ]
)
