// The kernel's side of a FUSE connection, over a socket that keeps messages apart. Tests and fuzz
// targets.
#pragma once

#include <linux/fuse.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <optional>
#include <string>

#include "keystore/base/fd.h"

namespace sifguard::test {

/// Any structure of <linux/fuse.h> as bytes.
template <typename Body>
std::string bytes_of(const Body& body) {
  return std::string(reinterpret_cast<const char*>(&body), sizeof body);
}

inline std::string fuse_request(std::uint32_t opcode, std::uint64_t unique, const std::string& body,
                                std::uint64_t node = FUSE_ROOT_ID) {
  fuse_in_header head{};
  head.len = static_cast<std::uint32_t>(sizeof head + body.size());
  head.opcode = opcode;
  head.unique = unique;
  head.nodeid = node;
  return bytes_of(head) + body;
}

inline std::string fuse_read_body(std::uint64_t offset, std::uint32_t size) {
  fuse_read_in body{};
  body.offset = offset;
  body.size = size;
  return bytes_of(body);
}

struct FuseReply {
  std::uint64_t unique = 0;
  int error = 0;
  std::string body;
};

class FakeKernel {
 public:
  FakeKernel() {
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0) ::abort();
    ours_ = UniqueFd(ends[0]);
    servers_ = UniqueFd(ends[1]);
    const int room = 8 << 20;
    ::setsockopt(servers_.get(), SOL_SOCKET, SO_SNDBUFFORCE, &room, sizeof room);
  }
  [[nodiscard]] int server_fd() const { return servers_.get(); }
  void send(const std::string& message) const {
    if (::write(ours_.get(), message.data(), message.size()) < 0) ::abort();
  }
  /// Nothing within `timeout_ms`.
  [[nodiscard]] std::optional<FuseReply> receive(int timeout_ms = 30'000) const {
    pollfd ready{ours_.get(), POLLIN, 0};
    if (::poll(&ready, 1, timeout_ms) != 1) return std::nullopt;
    std::string memory(2 << 20, '\0');
    const ssize_t size = ::read(ours_.get(), memory.data(), memory.size());
    fuse_out_header head{};
    if (size < static_cast<ssize_t>(sizeof head)) return std::nullopt;
    memory.resize(static_cast<std::size_t>(size));
    std::memcpy(&head, memory.data(), sizeof head);
    if (head.len != memory.size()) ::abort();
    return FuseReply{head.unique, -head.error, memory.substr(sizeof head)};
  }
  [[nodiscard]] FuseReply ask(std::uint32_t opcode, const std::string& body,
                              std::uint64_t node = FUSE_ROOT_ID) {
    send(fuse_request(opcode, ++unique_, body, node));
    const auto reply = receive();
    if (!reply) return {0, -1, "no answer"};
    return reply->unique == unique_ ? *reply : FuseReply{reply->unique, -2, "another's answer"};
  }
  [[nodiscard]] std::string read(std::uint64_t offset, std::uint32_t size) {
    const FuseReply reply = ask(FUSE_READ, fuse_read_body(offset, size));
    return reply.error == 0 ? reply.body : "ERROR " + std::to_string(reply.error);
  }
  void unmount() { ours_.reset(); }

 private:
  UniqueFd ours_;
  UniqueFd servers_;
  std::uint64_t unique_ = 0;
};

}  // namespace sifguard::test
