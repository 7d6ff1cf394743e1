// A web server on the loopback interface that says what a test tells it to. Tests only.
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <atomic>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "keystore/base/fd.h"

namespace sifguard::test {

/// One answer for each connection: what `respond` makes of the request's bytes, then it is closed.
class HttpServer {
 public:
  using Respond = std::function<std::string(const std::string& request)>;

  explicit HttpServer(Respond respond) : respond_(std::move(respond)) {
    ::setenv("no_proxy", "127.0.0.1", 1);
    listener_ = UniqueFd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* const generic = reinterpret_cast<sockaddr*>(&address);
    EXPECT_EQ(::bind(listener_.get(), generic, size), 0);
    EXPECT_EQ(::listen(listener_.get(), 16), 0);
    EXPECT_EQ(::getsockname(listener_.get(), generic, &size), 0);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { serve(); });
  }
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;
  ~HttpServer() {
    stop_ = true;
    thread_.join();
  }

  [[nodiscard]] std::string url(const std::string& path = "/") const {
    return "http://127.0.0.1:" + std::to_string(port_) + path;
  }
  [[nodiscard]] int served() const { return served_; }

 private:
  void serve() {
    while (!stop_) {
      pollfd waiting = {listener_.get(), POLLIN, 0};
      if (::poll(&waiting, 1, 20) != 1) continue;
      const UniqueFd connection(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
      std::string request;
      std::array<char, 4096> chunk{};
      while (!is_whole(request)) {
        const ssize_t got = ::recv(connection.get(), chunk.data(), chunk.size(), 0);
        if (got <= 0) break;
        request.append(chunk.data(), static_cast<std::size_t>(got));
      }
      ++served_;
      const std::string answer = respond_(request);
      std::size_t sent = 0;
      while (sent < answer.size()) {
        const ssize_t done =
            ::send(connection.get(), answer.data() + sent, answer.size() - sent, MSG_NOSIGNAL);
        if (done <= 0) break;
        sent += static_cast<std::size_t>(done);
      }
    }
  }
  static bool is_whole(const std::string& request) {
    const std::size_t body = request.find("\r\n\r\n");
    if (body == std::string::npos) return false;
    const std::size_t length = request.find("Content-Length: ");
    return length == std::string::npos ||
           request.size() >= body + 4 + std::stoul(request.substr(length + 16));
  }

  Respond respond_;
  UniqueFd listener_;
  int port_ = 0;
  std::atomic<bool> stop_ = false;
  std::atomic<int> served_ = 0;
  std::thread thread_;
};

inline std::string http_answer(const std::string& body, const std::string& status = "200 OK",
                               const std::string& headers = "") {
  return "HTTP/1.1 " + status + "\r\n" + headers +
         "Content-Length: " + std::to_string(body.size()) + "\r\nConnection: close\r\n\r\n" + body;
}

}  // namespace sifguard::test
