// Getting a few bytes by HTTP. The user's tool or an unprivileged fetcher.
#include "helper/fetch/http.h"

#include <curl/curl.h>

#include <algorithm>
#include <array>
#include <memory>
#include <new>

#include "helper/fetch/http_only.h"
#include "keystore/base/text.h"
#include "sifguard/paths.h"

namespace sifguard {
namespace {

constexpr std::size_t kMaxUrl = 2048;

struct CurlDeleter {
  void operator()(CURL* handle) const noexcept { curl_easy_cleanup(handle); }
  void operator()(curl_slist* list) const noexcept { curl_slist_free_all(list); }
};
using Handle = std::unique_ptr<CURL, CurlDeleter>;
using Headers = std::unique_ptr<curl_slist, CurlDeleter>;

struct Body {
  std::string text;
  std::size_t limit = 0;
  bool too_long = false;
};

/// Called by libcurl, a C library: no exception may pass. Less than all it offers ends the
/// transfer.
std::size_t keep(const char* data, std::size_t /*one*/, std::size_t size, void* to) noexcept {
  auto& body = *static_cast<Body*>(to);
  try {
    if (size > body.limit - body.text.size()) {
      body.too_long = true;
      return 0;
    }
    body.text.append(data, size);
    return size;
  } catch (const std::bad_alloc&) {
    return 0;
  }
}

Status check_url(const std::string& url) {
  const std::string scheme = to_lower(url.substr(0, url.find("://")));
  const bool plain = url.size() <= kMaxUrl && std::all_of(url.begin(), url.end(), [](char c) {
                       return c > ' ' && c <= '~';
                     });
  if (!plain || url.find("://") == std::string::npos || (scheme != "http" && scheme != "https")) {
    return fail(Code::usage, "not an http or https URL: '" + printable(url, 128) + "'");
  }
  return {};
}

bool set_up(CURL* handle, const std::string& url, const HttpLimits& limits, Body& body,
            char* message) {
  const bool secure = to_lower(url.substr(0, 6)) == "https:";
  bool good = true;
  const auto set = [&](CURLoption option, auto value) {
    good = curl_easy_setopt(handle, option, value) == CURLE_OK && good;
  };
  set(CURLOPT_ERRORBUFFER, message);
  set(CURLOPT_URL, url.c_str());
  good = allow_only_http(handle, secure) && good;
  set(CURLOPT_FOLLOWLOCATION, 1L);
  set(CURLOPT_MAXREDIRS, limits.redirects);
  set(CURLOPT_POSTREDIR, static_cast<long>(CURL_REDIR_POST_ALL));
  set(CURLOPT_TIMEOUT_MS, static_cast<long>(limits.milliseconds));
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_FAILONERROR, 1L);
  set(CURLOPT_USERAGENT, "sifguard/" SIFGUARD_VERSION);
  set(CURLOPT_WRITEFUNCTION, &keep);
  set(CURLOPT_WRITEDATA, static_cast<void*>(&body));
  return good;
}

tl::unexpected<Error> cannot(const std::string& url, const std::string& why) {
  return fail(Code::temporary,
              "cannot fetch '" + printable(url, 256) + "': " + printable(why, 256));
}

Result<std::string> transfer(CURL* handle, const std::string& url, const HttpLimits& limits) {
  Body body{{}, limits.bytes, false};
  std::array<char, CURL_ERROR_SIZE> message{};
  if (!set_up(handle, url, limits, body, message.data())) {
    return fail(Code::internal, "libcurl lacks what is needed");
  }
  const CURLcode code = curl_easy_perform(handle);
  if (body.too_long) {
    return cannot(url, "the answer is longer than " + std::to_string(limits.bytes) + " bytes");
  }
  if (code != CURLE_OK) {
    return cannot(url, message[0] != '\0' ? message.data() : curl_easy_strerror(code));
  }
  long status = 0;
  curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
  if (status != 200) return cannot(url, "HTTP status " + std::to_string(status));
  return std::move(body.text);
}

Result<Handle> new_handle() {
  static const CURLcode started = curl_global_init(CURL_GLOBAL_DEFAULT);
  Handle handle(started == CURLE_OK ? curl_easy_init() : nullptr);
  if (!handle) return fail(Code::internal, "libcurl cannot start");
  return handle;
}

}  // namespace

Result<std::string> http_get(const std::string& url, const HttpLimits& limits) {
  SG_CHECK(check_url(url));
  SG_TRY(const Handle handle, new_handle());
  return transfer(handle.get(), url, limits);
}

Result<std::string> http_post(const std::string& url, const std::string& content_type,
                              const std::string& body, const HttpLimits& limits) {
  SG_CHECK(check_url(url));
  SG_TRY(const Handle handle, new_handle());
  const Headers headers(curl_slist_append(nullptr, ("Content-Type: " + content_type).c_str()));
  if (!headers || curl_easy_setopt(handle.get(), CURLOPT_POST, 1L) != CURLE_OK ||
      curl_easy_setopt(handle.get(), CURLOPT_POSTFIELDS, body.data()) != CURLE_OK ||
      curl_easy_setopt(handle.get(), CURLOPT_POSTFIELDSIZE, static_cast<long>(body.size())) !=
          CURLE_OK ||
      curl_easy_setopt(handle.get(), CURLOPT_HTTPHEADER, headers.get()) != CURLE_OK) {
    return fail(Code::internal, "libcurl lacks what is needed");
  }
  return transfer(handle.get(), url, limits);
}

}  // namespace sifguard
