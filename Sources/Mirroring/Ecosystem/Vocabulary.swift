import Catalog
import Store

// What an ecosystem needs of the floors below, under the names that it knows them by: an ecosystem imports `Mirroring`
// and the format wrappers of floor 1 only.

public typealias Manifest = Store.Manifest
public typealias ManifestEntry = Store.ManifestEntry
public typealias BlobReader = Store.BlobReader
public typealias BlobWriter = Store.BlobWriter
public typealias FileRole = Store.Role
public typealias GenerationRecord = Store.GenerationRecord
public typealias PackageRow = Catalog.PackageRow
public typealias PackageFields = Catalog.PackageFields
public typealias PackageSink = Catalog.PackageSink
public typealias GenerationDraft = Catalog.GenerationDraft
