import CCurl
import Foundation

/// Whether an address belongs to the whole internet: looked at when the connection is opened, after
/// the name was looked up, so that no spelling and no change of the name gets around it.
enum PublicAddress {
  static func isPublic(_ place: UnsafeMutablePointer<curl_sockaddr>) -> Bool {
    let family = place.pointee.family
    guard let offset = MemoryLayout<curl_sockaddr>.offset(of: \.addr) else { return false }
    // The address is longer than the type says: libcurl keeps room for any family behind it.
    let raw = UnsafeRawPointer(place).advanced(by: offset)
    switch family {
    case AF_INET: return isPublic(raw.loadUnaligned(as: sockaddr_in.self))
    case AF_INET6: return isPublic(raw.loadUnaligned(as: sockaddr_in6.self))
    default: return false
    }
  }

  private static func isPublic(_ address: sockaddr_in) -> Bool {
    withUnsafeBytes(of: address.sin_addr) { isPublic(v4: Array($0)) }
  }

  private static func isPublic(_ address: sockaddr_in6) -> Bool {
    withUnsafeBytes(of: address.sin6_addr) { isPublic(v6: Array($0)) }
  }

  /// What RFC 6890 and its registry set aside: first byte, second byte under a mask.
  static func isPublic(v4 bytes: [UInt8]) -> Bool {
    guard bytes.count == 4 else { return false }
    switch (bytes[0], bytes[1], bytes[2]) {
    case (0, _, _), (10, _, _), (127, _, _), (224..., _, _): return false
    case (100, 64...127, _), (169, 254, _), (172, 16...31, _), (192, 168, _): return false
    case (192, 0, 0), (192, 0, 2), (198, 18...19, _), (198, 51, 100), (203, 0, 113): return false
    default: return true
    }
  }

  /// Global unicast is 2000::/3; what carries an IPv4 address inside is judged by that.
  static func isPublic(v6 bytes: [UInt8]) -> Bool {
    guard bytes.count == 16 else { return false }
    let isMapped = bytes[..<10].allSatisfy { $0 == 0 } && bytes[10] == 255 && bytes[11] == 255
    let isTranslated = bytes[..<12].elementsEqual([0, 0x64, 0xFF, 0x9B, 0, 0, 0, 0, 0, 0, 0, 0])
    if isMapped || isTranslated { return isPublic(v4: Array(bytes[12...])) }
    guard bytes[0] & 0xE0 == 0x20 else { return false }
    switch (bytes[0], bytes[1], bytes[2], bytes[3]) {
    case (0x20, 0x01, 0x0D, 0xB8), (0x20, 0x01, 0x00, 0x00): return false
    case (0x20, 0x02, _, _): return isPublic(v4: Array(bytes[2..<6]))
    default: return true
    }
  }
}
