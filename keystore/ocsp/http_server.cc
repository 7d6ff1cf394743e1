// HTTP for an OCSP responder. Unprivileged; clients are hostile.
#include "keystore/ocsp/http_server.h"

#include <microhttpd.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <ctime>
#include <exception>
#include <new>

#include "keystore/base/base64.h"
#include "keystore/base/text.h"
#include "keystore/crypto/digest.h"

namespace sifguard {
namespace {

constexpr std::size_t kConnectionMemory = 16UL * 1024;
/// Of a URL that may be before a request.
constexpr std::size_t kMaxPathParts = 8;
constexpr int kIdleWaitMs = 1000;
constexpr std::string_view kRequestType = "application/ocsp-request";
constexpr std::string_view kAnswerType = "application/ocsp-response";

/// One request while it arrives.
struct Arriving {
  bool is_post = false;
  bool too_large = false;
  std::string body;
};

/// "" when it is not base64.
std::string decoded(std::string_view path) {
  if (path.size() > kMaxOcspRequest * 4 / 3 + 4) return {};
  return from_base64(path).value_or("");
}

/// RFC 6960 A.1: base64 behind the URL that certificates name, whose path may be anything, as a
/// proxy may be before us. libmicrohttpd has unescaped it, and base64 itself may have slashes: it
/// begins behind the first one from where all is a request. "" when there is none.
std::string from_path(std::string_view path) {
  for (std::size_t tried = 0; tried < kMaxPathParts; ++tried) {
    const std::size_t slash = path.find('/');
    if (slash == std::string_view::npos) return {};
    path.remove_prefix(slash + 1);
    std::string der = decoded(path);
    if (!der.empty() && parse_ocsp_request(der)) return der;
  }
  return {};
}

/// Media types are of any case, and may have parameters (RFC 9110 8.3.1).
bool is_request_type(std::string_view type) {
  type = type.substr(0, type.find(';'));
  while (type.ends_with(' ') || type.ends_with('\t')) type.remove_suffix(1);
  return to_lower(type) == kRequestType;
}

/// What a cache is told of an answer (RFC 5019 6.2); of all else, to ask again.
struct Caching {
  std::int64_t made = 0, max_age = 0;  ///< Unix seconds; seconds
  std::string tag;                     ///< the ETag, quoted
};

/// RFC 9110 5.6.7, in the C locale.
std::string http_date(std::int64_t at) {
  const auto seconds = static_cast<time_t>(at);
  std::tm parts{};
  std::array<char, 40> text{};
  if (::gmtime_r(&seconds, &parts) == nullptr) return {};
  const std::size_t size =
      std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
  return {text.data(), size};
}

void add_caching(MHD_Response* response, const Caching& caching) {
  const auto add = [&](const char* name, const std::string& value) {
    MHD_add_response_header(response, name, value.c_str());
  };
  if (caching.max_age <= 0) {
    add(MHD_HTTP_HEADER_CACHE_CONTROL, "no-cache");
    return;
  }
  add(MHD_HTTP_HEADER_CACHE_CONTROL,
      "max-age=" + std::to_string(caching.max_age) + ", public, no-transform, must-revalidate");
  add(MHD_HTTP_HEADER_LAST_MODIFIED, http_date(caching.made));
  add(MHD_HTTP_HEADER_EXPIRES, http_date(::time(nullptr) + caching.max_age));
  add(MHD_HTTP_HEADER_ETAG, caching.tag);
}

MHD_Result reply(MHD_Connection* connection, unsigned int status, std::string_view type,
                 std::string_view body, const Caching& caching) {
  // libmicrohttpd copies the body and changes nothing through the pointer.
  auto* const data = const_cast<char*>(body.data());  // NOLINT(*-const-cast)
  MHD_Response* const response =
      MHD_create_response_from_buffer(body.size(), data, MHD_RESPMEM_MUST_COPY);
  if (response == nullptr) return MHD_NO;
  MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, std::string(type).c_str());
  add_caching(response, caching);
  if (status == MHD_HTTP_METHOD_NOT_ALLOWED) {
    MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, "GET, HEAD, POST");
  }
  const MHD_Result queued = MHD_queue_response(connection, status, response);
  MHD_destroy_response(response);
  return queued;
}

MHD_Result refuse(MHD_Connection* connection, unsigned int status, std::string_view words) {
  return reply(connection, status, "text/plain", words, {});
}

std::string_view header(MHD_Connection* connection, const char* name) {
  const char* const value = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);
  return value == nullptr ? std::string_view() : std::string_view(value);
}

/// Caches may keep an answer for half the time it is good, as our own does.
Caching caching_of(const OcspReply& answer) {
  const std::int64_t left = answer.good_until - ::time(nullptr);
  const auto digest = sha256(as_bytes(answer.der));
  if (left < 2 || !digest) return {};
  return {answer.made, left / 2, '"' + to_hex(*digest) + '"'};
}

/// If-None-Match (RFC 9110 13.1.2) lists it: whoever asks has this answer. The marks of weak tags
/// do not count in that comparison.
bool has_tag(MHD_Connection* connection, const std::string& tag) {
  const std::string_view listed = header(connection, MHD_HTTP_HEADER_IF_NONE_MATCH);
  return listed == "*" || listed.find(tag) != std::string_view::npos;
}

/// Without If-None-Match the date counts (RFC 9110 13.1.3): that which we gave.
bool is_as_new(MHD_Connection* connection, std::int64_t made) {
  const std::string_view date = header(connection, MHD_HTTP_HEADER_IF_MODIFIED_SINCE);
  return !date.empty() && date == http_date(made);
}

bool is_known(MHD_Connection* connection, const Caching& caching) {
  if (caching.tag.empty()) return false;
  return header(connection, MHD_HTTP_HEADER_IF_NONE_MATCH).empty()
             ? is_as_new(connection, caching.made)
             : has_tag(connection, caching.tag);
}

bool claims_too_much(MHD_Connection* connection) {
  const std::string_view digits = header(connection, MHD_HTTP_HEADER_CONTENT_LENGTH);
  std::size_t size = 0;
  const auto [stop, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), size);
  return !digits.empty() && (problem != std::errc{} || size > kMaxOcspRequest);
}

/// The first sight of a request: its line and headers.
MHD_Result begin(MHD_Connection* connection, std::string_view method, void** state) {
  const bool is_post = method == "POST";
  if (!is_post && method != "GET" && method != "HEAD") {
    return refuse(connection, MHD_HTTP_METHOD_NOT_ALLOWED, "GET, HEAD or POST\n");
  }
  if (is_post && !is_request_type(header(connection, MHD_HTTP_HEADER_CONTENT_TYPE))) {
    return refuse(connection, MHD_HTTP_UNSUPPORTED_MEDIA_TYPE, "application/ocsp-request\n");
  }
  if (claims_too_much(connection)) {
    return refuse(connection, MHD_HTTP_CONTENT_TOO_LARGE, "too large\n");
  }
  *state = new Arriving{is_post, false, {}};
  return MHD_YES;
}

}  // namespace

/// What libmicrohttpd calls: C, through which no exception may pass.
struct HttpCallbacks {
  static MHD_Result request(void* self, MHD_Connection* connection, const char* url,
                            const char* method, const char* /*version*/, const char* data,
                            std::size_t* size, void** state) noexcept {
    try {
      if (*state == nullptr) return begin(connection, method, state);
      auto& arriving = *static_cast<Arriving*>(*state);
      if (*size > 0) {
        take(arriving, data, *size);
        *size = 0;
        return MHD_YES;
      }
      return finish(*static_cast<HttpServer*>(self), connection, arriving, url);
    } catch (const std::exception&) {  // out of memory: this connection ends
      return MHD_NO;
    }
  }

  static void completed(void* /*self*/, MHD_Connection* connection, void** state,
                        MHD_RequestTerminationCode /*code*/) noexcept {
    delete static_cast<Arriving*>(*state);
    *state = nullptr;
    const auto* const info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    if (info == nullptr || info->socket_context == nullptr) return;
    static_cast<HttpServer::Connection*>(info->socket_context)->busy_since =
        std::chrono::steady_clock::now();
  }

  static void connected(void* self, MHD_Connection* connection, void** context,
                        MHD_ConnectionNotificationCode code) noexcept {
    auto& all = static_cast<HttpServer*>(self)->connections_;
    if (code == MHD_CONNECTION_NOTIFY_CLOSED) {
      all.remove_if([&](const HttpServer::Connection& one) { return &one == *context; });
      return;
    }
    const auto* const info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    if (info == nullptr) return;
    try {
      all.push_back({info->connect_fd, std::chrono::steady_clock::now()});
      *context = &all.back();
    } catch (const std::bad_alloc&) {  // it has no deadline of its own, but the idle time
      *context = nullptr;
    }
  }

 private:
  static void take(Arriving& arriving, const char* data, std::size_t size) {
    arriving.too_large =
        arriving.too_large || !arriving.is_post || size > kMaxOcspRequest - arriving.body.size();
    if (!arriving.too_large) arriving.body.append(data, size);
  }

  static MHD_Result finish(HttpServer& server, MHD_Connection* connection, Arriving& arriving,
                           const char* url) {
    if (arriving.too_large) return refuse(connection, MHD_HTTP_CONTENT_TOO_LARGE, "too large\n");
    const std::string request = arriving.is_post ? std::move(arriving.body) : from_path(url);
    if (request.empty()) return refuse(connection, MHD_HTTP_BAD_REQUEST, "not an OCSP request\n");
    const OcspReply answer = server.answer_(request);
    const Caching caching = arriving.is_post ? Caching() : caching_of(answer);
    // Of 304 the body is not sent, but its length is told: caches take that of their copy from it.
    const unsigned int status = is_known(connection, caching) ? MHD_HTTP_NOT_MODIFIED : MHD_HTTP_OK;
    return reply(connection, status, kAnswerType, answer.der, caching);
  }
};

Result<std::unique_ptr<HttpServer>> HttpServer::start(UniqueFd socket, Answer answer,
                                                      const HttpServerLimits& limits) {
  std::unique_ptr<HttpServer> server(new HttpServer());
  server->answer_ = std::move(answer);
  server->limits_ = limits;
  server->daemon_ = MHD_start_daemon(
      MHD_USE_EPOLL, 0, nullptr, nullptr, &HttpCallbacks::request, server.get(),
      MHD_OPTION_LISTEN_SOCKET, socket.get(), MHD_OPTION_CONNECTION_LIMIT, limits.connections,
      MHD_OPTION_PER_IP_CONNECTION_LIMIT, limits.connections_of_one, MHD_OPTION_CONNECTION_TIMEOUT,
      limits.idle_seconds, MHD_OPTION_CONNECTION_MEMORY_LIMIT, kConnectionMemory,
      MHD_OPTION_NOTIFY_COMPLETED, &HttpCallbacks::completed, server.get(),
      MHD_OPTION_NOTIFY_CONNECTION, &HttpCallbacks::connected, server.get(), MHD_OPTION_END);
  if (server->daemon_ == nullptr) return fail(Code::unavailable, "cannot start the HTTP server");
  (void)socket.release();  // the daemon's now
  const auto* const info = MHD_get_daemon_info(server->daemon_, MHD_DAEMON_INFO_EPOLL_FD);
  if (info == nullptr) return fail(Code::unavailable, "the HTTP server has no epoll descriptor");
  server->descriptor_ = info->epoll_fd;
  return server;
}

HttpServer::~HttpServer() {
  if (daemon_ != nullptr) MHD_stop_daemon(daemon_);
}

int HttpServer::wait_ms() const noexcept {
  MHD_UNSIGNED_LONG_LONG wait = 0;
  if (MHD_get_timeout(daemon_, &wait) != MHD_YES) return kIdleWaitMs;
  return static_cast<int>(std::min<MHD_UNSIGNED_LONG_LONG>(wait, kIdleWaitMs));
}

void HttpServer::run() {
  MHD_run(daemon_);
  const auto now = std::chrono::steady_clock::now();
  for (const Connection& one : connections_) {
    // libmicrohttpd sees the end of the connection and tidies up.
    if (now - one.busy_since > limits_.request) ::shutdown(one.socket, SHUT_RDWR);
  }
}

}  // namespace sifguard
