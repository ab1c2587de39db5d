import Basics
import TestSupport
import Testing

@testable import Mirroring
@testable import RPM

@Suite struct PackageVerificationTests {
    @Test("where repomd.xml is not signed, every package has to be; the unsigned one is named")
    func unsignedMetadata() throws {
        let upstream = try RPMUpstream()
        upstream.signsMetadata = false
        try upstream.add(RPMPackage("alpha"), signed: true)
        try upstream.add(RPMPackage("beta"))
        try upstream.publish()
        let site = try RPMSite(upstream)
        try site.syncFails(.signature, "Packages/beta-1.0-1.noarch.rpm")
        try upstream.sign("Packages/beta-1.0-1.noarch.rpm")
        try upstream.publish()
        try site.syncChanged()
    }

    @Test("with packages: true signatures by other keys are refused although repomd.xml is signed")
    func foreignKey() throws {
        let upstream = try RPMUpstream()
        let stranger = try upstream.gpg.makeKey("Stranger", algorithm: "rsa2048")
        let path = try upstream.add(RPMPackage("alpha"))
        try upstream.sign(path, by: stranger)
        try upstream.publish()
        let site = try RPMSite(upstream)
        try site.syncChanged()
        site.section.append("verify: {packages: true}")
        try site.syncFails(.signature, path)
        site.section = ["keyring: \(upstream.keyring)", "verify: {metadata: true, packages: false}"]
        #expect(try site.sync().status != .failed)
    }

    @Test("verify: false verifies nothing, and without a keyring it has to be said")
    func off() throws {
        let upstream = try RPMUpstream()
        upstream.signsMetadata = false
        try upstream.add(RPMPackage("alpha"))
        try upstream.publish()
        let site = try RPMSite(root: upstream.root)
        #expect(throws: ChantalError(.config, "")) { try site.configuration() }
        site.section = ["verify: false"]
        try site.syncChanged()
    }

    @Test("a repomd.xml that was signed and is no longer is refused, unless the user says so")
    func downgrade() throws {
        let upstream = try RPMUpstream()
        try upstream.add(RPMPackage("alpha"), signed: true)
        try upstream.publish()
        let site = try RPMSite(upstream)
        try site.syncChanged()
        upstream.signsMetadata = false
        try upstream.add(RPMPackage("beta"), signed: true)
        try upstream.publish()
        try site.syncFails(.signature, "is not signed", "when the last generation was made")
        site.section.append("verify: {metadata: false, packages: true}")
        try site.syncChanged()
    }
}
