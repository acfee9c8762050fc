import CCurl
import Foundation
import Platforms

extension Transfer {
  /// Why the call brought no answer. The text is libcurl's own sentence for the code and the host:
  /// its longer message may quote the URL, and a URL may hold a token.
  func failure(_ code: CURLcode) -> NetworkFailure {
    let kind: NetworkFailure.Kind = isTooLarge ? .tooLarge : kind(of: code)
    var text = isTooLarge ? "the answer is longer than allowed" : explanation(code)
    if isAddressRefused {
      text = "the name leads to this machine or a private network, which this call may not go to"
    }
    text += " (\(call.request))"
    return NetworkFailure(kind, nothingSent: isNothingSent(kind), text)
  }

  /// The task was cancelled or the network shut down while libcurl was at work.
  func cancellation() -> NetworkFailure {
    NetworkFailure(
      .cancelled, nothingSent: isNothingSent(.cancelled), "cancelled (\(call.request))")
  }

  /// Three witnesses must agree: libcurl never turned to the request, it counts no byte of it, and
  /// the failure is of a kind that belongs to the time before the request.
  private func isNothingSent(_ kind: NetworkFailure.Kind) -> Bool {
    switch kind {
    case .interrupted, .tooLarge: return false
    case .resolve, .connect, .tls, .timeout, .cancelled, .badRequest: break
    }
    var uploaded: curl_off_t = -1
    var requested = -1
    crewbell_get_offset(easy, CURLINFO_SIZE_UPLOAD_T, &uploaded)
    crewbell_get_long(easy, CURLINFO_REQUEST_SIZE, &requested)
    return !isRequestBegun && uploaded == 0 && requested == 0
  }

  private func kind(of code: CURLcode) -> NetworkFailure.Kind {
    // What breaks after the request has begun is an interruption, whatever libcurl names it.
    if isRequestBegun { return code == CURLE_OPERATION_TIMEDOUT ? .timeout : .interrupted }
    switch code {
    case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY: return .resolve
    case CURLE_COULDNT_CONNECT, CURLE_PROXY: return .connect
    case CURLE_SSL_CONNECT_ERROR, CURLE_USE_SSL_FAILED, CURLE_PEER_FAILED_VERIFICATION,
      CURLE_SSL_CACERT_BADFILE,
      CURLE_SSL_ISSUER_ERROR, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER, CURLE_SSL_INVALIDCERTSTATUS:
      return .tls
    case CURLE_OPERATION_TIMEDOUT: return .timeout
    case CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL, CURLE_LOGIN_DENIED,
      CURLE_BAD_FUNCTION_ARGUMENT:
      return .badRequest
    default: return .interrupted
    }
  }

  private func explanation(_ code: CURLcode) -> String {
    let sentence = String(cString: curl_easy_strerror(code))
    var verdict = 0
    if code == CURLE_PEER_FAILED_VERIFICATION {
      crewbell_get_long(easy, CURLINFO_SSL_VERIFYRESULT, &verdict)
      return "\(sentence): \(certificateFaults[verdict] ?? "verification result \(verdict)")"
    }
    var systemCode = 0
    crewbell_get_long(easy, CURLINFO_OS_ERRNO, &systemCode)
    if code == CURLE_COULDNT_CONNECT, systemCode != 0 {
      return "\(sentence): \(String(cString: strerror(Int32(systemCode))))"
    }
    return sentence
  }
}

/// OpenSSL's commonest X509_V_ERR numbers, x509_vfy.h. 1 is what libcurl 7.88 begins with: it
/// compares the names itself and gives up before it notes OpenSSL's verdict on the chain.
private let certificateFaults = [
  1: "the certificate is for another host", 9: "the certificate is not valid yet",
  10: "the certificate has expired", 18: "the certificate is self-signed",
  19: "the chain ends in an unknown authority", 20: "the certificate's issuer is not known",
  21: "the first certificate of the chain cannot be verified", 62: "the host's name differs",
]
