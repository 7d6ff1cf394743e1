// Which protocols libcurl may speak. Any privilege.
//
// The options that take names came with libcurl 7.85, and those that take bits are out of favour
// since; RHEL 9 has 7.76, Ubuntu 22.04 7.81.
#pragma once

#include <curl/curl.h>

namespace sifguard {

/// http and https alone; `secure`: and no redirect away from https. False when libcurl refuses.
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
