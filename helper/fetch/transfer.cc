// HTTP requests: the only code that uses libcurl. Never root; what comes back is hostile.
#include "helper/fetch/transfer.h"

#include <curl/curl.h>

#include <array>
#include <charconv>
#include <exception>
#include <memory>
#include <string>

#include "helper/fetch/http_only.h"
#include "keystore/base/fd.h"
#include "keystore/base/text.h"
#include "sifguard/paths.h"

namespace sifguard {
namespace {

constexpr long kConnectMs = 15'000;
constexpr long kStallSeconds = 60;  // without a byte for so long it is given up
constexpr std::size_t kMaxHeaders = 200;

struct CurlDeleter {
  void operator()(CURL* handle) const noexcept { curl_easy_cleanup(handle); }
  void operator()(curl_slist* list) const noexcept { curl_slist_free_all(list); }
};
using Handle = std::unique_ptr<CURL, CurlDeleter>;
using Headers = std::unique_ptr<curl_slist, CurlDeleter>;

struct Sink {
  HttpReply reply;
  std::size_t limit = 0;
  bool too_long = false;
  bool peek = false;
  bool peeked = false;  ///< the headers are here, the body began and is not wanted
  const std::function<bool(std::span<const std::byte>)>* take = nullptr;
  CURL* handle = nullptr;
};

// Called by libcurl, a C library: no exception may pass. Less than all it offers ends the transfer.
std::size_t keep_body(const char* data, std::size_t /*one*/, std::size_t size, void* to) noexcept {
  auto& sink = *static_cast<Sink*>(to);
  try {
    long status = 0;
    curl_easy_getinfo(sink.handle, CURLINFO_RESPONSE_CODE, &status);
    if (sink.peek) {
      sink.peeked = true;
      return 0;
    }
    if (sink.take != nullptr && status == 200) {
      return (*sink.take)(std::as_bytes(std::span(data, size))) ? size : 0;
    }
    if (size > sink.limit - sink.reply.body.size()) {
      sink.too_long = true;
      return 0;
    }
    sink.reply.body.append(data, size);
    return size;
  } catch (const std::exception&) {
    return 0;
  }
}

std::size_t keep_header(const char* data, std::size_t /*one*/, std::size_t size,
                        void* to) noexcept {
  auto& headers = static_cast<Sink*>(to)->reply.headers;
  try {
    const std::string_view line(data, size);
    if (line.starts_with("HTTP/")) headers.clear();  // of a redirect
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || headers.size() >= kMaxHeaders) return size;
    std::string_view value = line.substr(colon + 1);
    while (!value.empty() && (value.front() == ' ' || value.front() == '\t'))
      value.remove_prefix(1);
    while (!value.empty() && value.back() <= ' ') value.remove_suffix(1);
    headers[to_lower(line.substr(0, colon))] = value;
    return size;
  } catch (const std::exception&) {
    return 0;
  }
}

/// TOTAL of "bytes FIRST-LAST/TOTAL" (RFC 9110 14.4); 0 if it is not known.
std::uint64_t whole_length(const HttpReply& reply) {
  const auto range = reply.headers.find("content-range");
  if (range == reply.headers.end()) return 0;
  const std::string& text = range->second;
  const std::size_t slash = text.find('/');
  if (!text.starts_with("bytes ") || slash == std::string::npos) return 0;
  std::uint64_t total = 0;
  const char* const end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data() + slash + 1, end, total);
  return parsed.ec == std::errc{} && parsed.ptr == end ? total : 0;
}

class Transfer {
 public:
  Result<long> run(const HttpRequest& request, Sink& sink) {
    static const CURLcode started = curl_global_init(CURL_GLOBAL_DEFAULT);
    handle_.reset(started == CURLE_OK ? curl_easy_init() : nullptr);
    if (!handle_) return fail(Code::internal, "libcurl cannot start");
    sink.handle = handle_.get();
    sink.peek = request.peek;
    set_up(request, sink);
    if (!good_) return fail(Code::internal, "libcurl lacks what is needed");
    const CURLcode code = curl_easy_perform(handle_.get());
    const auto cannot = [&](const std::string& why) {
      return fail(Code::temporary,
                  "cannot fetch '" + printable(request.url, 300) + "': " + printable(why, 300));
    };
    if (sink.too_long) {
      return cannot("the answer is longer than " + std::to_string(sink.limit) + " bytes");
    }
    if (code != CURLE_OK && !sink.peeked) {
      return cannot(message_[0] != '\0' ? message_.data() : curl_easy_strerror(code));
    }
    long status = 0;
    curl_easy_getinfo(handle_.get(), CURLINFO_RESPONSE_CODE, &status);
    curl_off_t length = 0;
    curl_easy_getinfo(handle_.get(), CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
    sink.reply.length = length > 0 ? static_cast<std::uint64_t>(length) : 0;
    if (status == 206) sink.reply.length = whole_length(sink.reply);
    sink.reply.status = status;
    return status;
  }

 private:
  template <typename T>
  void set(CURLoption option, T value) {
    good_ = curl_easy_setopt(handle_.get(), option, value) == CURLE_OK && good_;
  }
  void add_header(const std::string& line) {
    curl_slist* const longer = curl_slist_append(headers_.get(), line.c_str());
    good_ = longer != nullptr && good_;
    if (longer != nullptr) {
      (void)headers_.release();
      headers_.reset(longer);
    }
  }
  void set_up(const HttpRequest& request, Sink& sink) {
    const bool secure = to_lower(request.url.substr(0, 6)) == "https:";
    set(CURLOPT_ERRORBUFFER, message_.data());
    set(CURLOPT_URL, request.url.c_str());
    good_ = allow_only_http(handle_.get(), secure) && good_;
    set(CURLOPT_FOLLOWLOCATION, 1L);
    set(CURLOPT_MAXREDIRS, request.redirects);
    if (request.milliseconds > 0) {
      set(CURLOPT_TIMEOUT_MS, static_cast<long>(request.milliseconds));
    }
    if (request.only_good) set(CURLOPT_FAILONERROR, 1L);
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_CONNECTTIMEOUT_MS, kConnectMs);
    set(CURLOPT_LOW_SPEED_LIMIT, 1L);
    set(CURLOPT_LOW_SPEED_TIME, kStallSeconds);
    set(CURLOPT_USERAGENT, "sifguard/" SIFGUARD_VERSION);
    set(CURLOPT_WRITEFUNCTION, &keep_body);
    set(CURLOPT_WRITEDATA, static_cast<void*>(&sink));
    set(CURLOPT_HEADERFUNCTION, &keep_header);
    set(CURLOPT_HEADERDATA, static_cast<void*>(&sink));
    set_method(request);
    for (const std::string& header : request.headers) add_header(header);
    set_credentials(request);
    if (headers_) set(CURLOPT_HTTPHEADER, headers_.get());
  }
  void set_method(const HttpRequest& request) {
    if (request.head) set(CURLOPT_NOBODY, 1L);
    if (request.peek) set(CURLOPT_RANGE, "0-0");
    if (request.body == nullptr) return;
    set(CURLOPT_POST, 1L);
    set(CURLOPT_POSTFIELDS, request.body->data());
    set(CURLOPT_POSTFIELDSIZE, static_cast<long>(request.body->size()));
    set(CURLOPT_POSTREDIR, static_cast<long>(CURL_REDIR_POST_ALL));
  }
  void set_credentials(const HttpRequest& request) {
    if (request.bearer != nullptr) {
      set(CURLOPT_HTTPAUTH, static_cast<long>(CURLAUTH_BEARER));
      set(CURLOPT_XOAUTH2_BEARER, request.bearer->c_str());
    } else if (request.credentials != nullptr) {
      set(CURLOPT_HTTPAUTH, static_cast<long>(CURLAUTH_BASIC));
      std::string pair(as_text(request.credentials->bytes()));
      set(CURLOPT_USERPWD, pair.c_str());
      wipe(std::as_writable_bytes(std::span(pair)));
    } else if (!request.netrc.empty()) {
      set(CURLOPT_NETRC, static_cast<long>(CURL_NETRC_OPTIONAL));
      set(CURLOPT_NETRC_FILE, request.netrc.c_str());
    }
  }

  Headers headers_;  // outlives the handle that uses it
  Handle handle_;
  std::array<char, CURL_ERROR_SIZE> message_{};
  bool good_ = true;
};

}  // namespace

Result<HttpReply> http_ask(const HttpRequest& request, std::size_t limit) {
  Sink sink;
  sink.limit = limit;
  SG_TRY(const long status, Transfer().run(request, sink));
  (void)status;
  return std::move(sink.reply);
}

Status http_stream(const HttpRequest& request,
                   const std::function<bool(std::span<const std::byte>)>& take) {
  Sink sink;
  sink.limit = 4096;  // of what an error says
  sink.take = &take;
  SG_TRY(const long status, Transfer().run(request, sink));
  if (status == 200) return {};
  return fail(Code::temporary, "cannot fetch '" + printable(request.url, 300) + "': HTTP status " +
                                   std::to_string(status));
}

}  // namespace sifguard
