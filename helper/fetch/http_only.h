// Which protocols libcurl may speak. Any privilege.
//
// libcurl 7.85 added the options that take names and deprecated those that take bits. RHEL 9 has
// 7.76 and Ubuntu 22.04 has 7.81.
#pragma once

#include <curl/curl.h>

namespace sifguard {

/// Allows http and https alone and, if `secure`, no redirect away from https. False when libcurl
/// refuses.
[[nodiscard]] inline bool allow_only_http(CURL* handle, bool secure) noexcept {
#if LIBCURL_VERSION_NUM >= 0x075500
  return curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https") == CURLE_OK &&
         curl_easy_setopt(handle, CURLOPT_REDIR_PROTOCOLS_STR, secure ? "https" : "http,https") ==
             CURLE_OK;
#else
  constexpr long kBoth = CURLPROTO_HTTP | CURLPROTO_HTTPS;
  constexpr long kSecure = CURLPROTO_HTTPS;
  return curl_easy_setopt(handle, CURLOPT_PROTOCOLS, kBoth) == CURLE_OK &&
         curl_easy_setopt(handle, CURLOPT_REDIR_PROTOCOLS, secure ? kSecure : kBoth) == CURLE_OK;
#endif
}

}  // namespace sifguard
