public import HTTPClient

// Rooms above see the network through this one alone.

/// Speaks HTTP for all downloads of a process.
public typealias TransferClient = HTTPClient.TransferClient
/// Connections and bandwidth of a ``TransferClient``.
public typealias ClientConfiguration = HTTPClient.ClientConfiguration
/// Time-out, proxy, authorities and credentials of an upstream.
public typealias TransferOptions = HTTPClient.TransferOptions
/// The header fields of a response.
public typealias ResponseHeaders = HTTPClient.ResponseHeaders
