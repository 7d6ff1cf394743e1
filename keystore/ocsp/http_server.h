// HTTP for an OCSP responder (RFC 6960 appendix A, RFC 5019), by libmicrohttpd in the caller's own
// thread. Unprivileged; clients are hostile.
//
// GET (and HEAD) …/BASE64, behind any path, and POST of application/ocsp-request. Bounded:
// connections in all and of one address, memory of each, bytes of a request, idle time, and time
// for one whole request however slowly it drips.
#pragma once

#include <chrono>
#include <functional>
#include <list>
#include <memory>
#include <string_view>

#include "keystore/base/fd.h"
#include "keystore/ocsp/answers.h"

struct MHD_Daemon;

namespace sifguard {

struct HttpServerLimits {
  unsigned int connections = 512;
  unsigned int connections_of_one = 64;
  unsigned int idle_seconds = 5;
  std::chrono::milliseconds request{10000};
};

/// "127.0.0.1:2560", "[::1]:2560": a listening socket. Port 0: any that is free. Errors:
/// Code::usage for what is no numeric address, Code::unavailable when it is taken.
[[nodiscard]] Result<UniqueFd> listen_on(const std::string& address);
/// The address as it is now, for messages.
[[nodiscard]] std::string shown_address(int socket);

class HttpServer {
 public:
  using Answer = std::function<OcspReply(std::string_view request)>;

  /// Errors: Code::unavailable when libmicrohttpd cannot start.
  [[nodiscard]] static Result<std::unique_ptr<HttpServer>> start(UniqueFd socket, Answer answer,
                                                                 const HttpServerLimits& limits);
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  /// Readable when there is something to do; run() does it, and must be called after wait_ms() at
  /// the latest.
  [[nodiscard]] int descriptor() const noexcept { return descriptor_; }
  [[nodiscard]] int wait_ms() const noexcept;
  void run();

  struct Connection {
    int socket;
    std::chrono::steady_clock::time_point busy_since;
  };

 private:
  HttpServer() = default;
  friend struct HttpCallbacks;

  Answer answer_;
  HttpServerLimits limits_;
  std::list<Connection> connections_;
  MHD_Daemon* daemon_ = nullptr;
  int descriptor_ = -1;
};

}  // namespace sifguard
