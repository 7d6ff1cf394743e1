// The listening socket of an OCSP responder. As root where the port is below 1024.
#include <netdb.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <memory>

#include "keystore/base/text.h"
#include "keystore/ocsp/http_server.h"

namespace sifguard {
namespace {

constexpr int kBacklog = 512;

struct FreeAddresses {
  void operator()(addrinfo* list) const noexcept { ::freeaddrinfo(list); }
};
using Addresses = std::unique_ptr<addrinfo, FreeAddresses>;

Addresses parse(const std::string& text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string::npos) return {};
  std::string host = text.substr(0, colon);
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  if (!bracketed && host.find(':') != std::string::npos) return {};
  addrinfo wanted{};
  wanted.ai_socktype = SOCK_STREAM;
  wanted.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE;
  addrinfo* list = nullptr;
  const std::string port = text.substr(colon + 1);
  if (host.empty() || port.empty() ||
      ::getaddrinfo(host.c_str(), port.c_str(), &wanted, &list) != 0) {
    return {};
  }
  return Addresses(list);
}

}  // namespace

Result<UniqueFd> listen_on(const std::string& address) {
  const Addresses found = parse(address);
  if (!found) {
    return fail(Code::usage, "not an address to listen on: '" + printable(address, 100) + "'",
                "write 127.0.0.1:2560 or [::1]:2560");
  }
  UniqueFd fd(::socket(found->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  const int on = 1;
  if (!fd.valid() || ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
      ::bind(fd.get(), found->ai_addr, found->ai_addrlen) != 0 ||
      ::listen(fd.get(), kBacklog) != 0) {
    return fail_errno(Code::unavailable, "cannot listen on " + address, errno);
  }
  return fd;
}

std::string shown_address(int socket) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  std::array<char, NI_MAXHOST> host{};
  std::array<char, NI_MAXSERV> port{};
  auto* const any = reinterpret_cast<sockaddr*>(&address);
  if (::getsockname(socket, any, &size) != 0 ||
      ::getnameinfo(any, size, host.data(), host.size(), port.data(), port.size(),
                    NI_NUMERICHOST | NI_NUMERICSERV) != 0) {
    return "?";
  }
  const std::string shown = host.data();
  const bool six = shown.find(':') != std::string::npos;
  return (six ? "[" + shown + "]" : shown) + ":" + port.data();
}

}  // namespace sifguard
