// The messages between the kernel and a FUSE server of one read-only file. Pure.
#include "helper/imagefs/fuse_message.h"

#include <linux/fuse.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstring>

namespace sifguard {
namespace {

constexpr std::uint32_t kLeastMinor = 23;
constexpr std::uint32_t kMostMinor = 43;  // what is written here
constexpr std::uint64_t kAsyncRead = 1;
constexpr std::uint64_t kMaxPages = std::uint64_t{1} << 22U;        // 7.28
constexpr std::uint64_t kExtended = std::uint64_t{1} << 30U;        // 7.36
constexpr std::uint64_t kRequestTimeout = std::uint64_t{1} << 42U;  // 7.43
constexpr std::uint32_t kPage = 4096;
constexpr std::uint64_t kNeverMind = 86400;  // seconds for which attributes hold: they never change

template <typename T>
T load(std::span<const std::byte> message, std::size_t offset) noexcept {
  T value;
  std::memcpy(&value, message.data() + offset, sizeof value);
  return value;
}

template <typename T>
void store(std::span<std::byte> message, std::size_t offset, T value) noexcept {
  std::memcpy(message.data() + offset, &value, sizeof value);
}

using Kind = FuseRequest::Kind;

struct Expected {
  std::uint32_t opcode;
  Kind kind;
  std::size_t body;  ///< at least so many bytes
  bool of_file;      ///< names the file, which is number FUSE_ROOT_ID
};
constexpr std::array kExpected = {Expected{FUSE_INIT, Kind::start, 16, false},
                                  Expected{FUSE_GETATTR, Kind::attributes, 16, true},
                                  Expected{FUSE_OPEN, Kind::open, 8, true},
                                  Expected{FUSE_READ, Kind::read, 40, true},
                                  Expected{FUSE_RELEASE, Kind::close, 24, true},
                                  Expected{FUSE_FLUSH, Kind::close, 24, true},
                                  Expected{FUSE_STATFS, Kind::statfs, 0, false},
                                  Expected{FUSE_INTERRUPT, Kind::silent, 8, false},
                                  Expected{FUSE_FORGET, Kind::silent, 8, false},
                                  Expected{FUSE_BATCH_FORGET, Kind::silent, 8, false},
                                  Expected{FUSE_DESTROY, Kind::finish, 0, false}};

Kind take_start(std::span<const std::byte> body, FuseRequest& request) noexcept {
  request.minor = load<std::uint32_t>(body, 4);
  request.readahead = load<std::uint32_t>(body, 8);
  request.capabilities = load<std::uint32_t>(body, 12);
  if ((request.capabilities & kExtended) != 0 && body.size() >= 20) {
    request.capabilities |= std::uint64_t{load<std::uint32_t>(body, 16)} << 32U;
  }
  const bool understood = load<std::uint32_t>(body, 0) == 7 && request.minor >= kLeastMinor;
  return understood ? Kind::start : Kind::wrong;
}

Kind take_read(std::span<const std::byte> body, FuseRequest& request) noexcept {
  request.offset = load<std::uint64_t>(body, 8);
  request.size = load<std::uint32_t>(body, 16);
  return request.size <= kFuseMostRead ? Kind::read : Kind::wrong;
}

Kind take_body(const Expected& expected, std::span<const std::byte> body,
               FuseRequest& request) noexcept {
  if (body.size() < expected.body) return Kind::wrong;
  if (expected.kind == Kind::start) return take_start(body, request);
  if (expected.kind == Kind::read) return take_read(body, request);
  return expected.kind;
}

}  // namespace

std::optional<FuseRequest> parse_fuse_request(std::span<const std::byte> message) noexcept {
  constexpr std::size_t kHead = 40;
  if (message.size() < kHead || load<std::uint32_t>(message, 0) != message.size()) {
    return std::nullopt;
  }
  FuseRequest request;
  request.unique = load<std::uint64_t>(message, 8);
  const auto opcode = load<std::uint32_t>(message, 4);
  const auto* const expected = std::ranges::find(kExpected, opcode, &Expected::opcode);
  if (expected == kExpected.end()) {
    request.kind = Kind::other;
  } else if (!expected->of_file || load<std::uint64_t>(message, 16) == FUSE_ROOT_ID) {
    request.kind = take_body(*expected, message.subspan(kHead), request);
  }
  return request;
}

FuseHead fuse_head(std::uint64_t unique, int error, std::size_t size) noexcept {
  FuseHead head{};
  store(head, 0, static_cast<std::uint32_t>(head.size() + size));
  store(head, 4, -error);
  store(head, 8, unique);
  return head;
}

FuseStart fuse_start(const FuseRequest& request, std::uint16_t timeout_s) noexcept {
  constexpr std::uint64_t kWanted = kAsyncRead | kMaxPages | kExtended | kRequestTimeout;
  const std::uint64_t agreed = request.capabilities & kWanted;
  FuseStart start{};
  store<std::uint32_t>(start, 0, 7);
  store(start, 4, std::min(request.minor, kMostMinor));
  store(start, 8, request.readahead);
  store(start, 12, static_cast<std::uint32_t>(agreed));
  store<std::uint16_t>(start, 16, 64);  // requests in the background at a time
  store<std::uint16_t>(start, 18, 48);  // from which on the kernel calls that much
  store(start, 20, kPage);              // the most that a write may have, of which there are none
  store<std::uint32_t>(start, 24, 1);   // ns, the grain of times
  store<std::uint16_t>(start, 28, kFuseMostRead / kPage);
  store(start, 32, static_cast<std::uint32_t>(agreed >> 32U));
  if ((agreed & kRequestTimeout) != 0) store(start, 40, timeout_s);
  return start;
}

FuseAttributes fuse_attributes(std::uint64_t size) noexcept {
  FuseAttributes attributes{};
  store(attributes, 0, kNeverMind);
  const auto attr = std::span(attributes).subspan(16);
  store<std::uint64_t>(attr, 0, FUSE_ROOT_ID);
  store(attr, 8, size);
  store(attr, 16, size / 512 + (size % 512 != 0 ? 1 : 0));
  store<std::uint32_t>(attr, 60, S_IFREG | 0400);
  store<std::uint32_t>(attr, 64, 1);  // links
  store(attr, 80, kPage);
  return attributes;
}

FuseOpened fuse_opened() noexcept {
  FuseOpened opened{};
  store<std::uint32_t>(opened, 8, FOPEN_KEEP_CACHE);
  return opened;
}

FuseStatfs fuse_statfs(std::uint64_t size) noexcept {
  FuseStatfs statfs{};
  store(statfs, 0, size / kPage + (size % kPage != 0 ? 1 : 0));
  store(statfs, 40, kPage);
  store<std::uint32_t>(statfs, 44, 255);  // the longest name
  store(statfs, 48, kPage);
  return statfs;
}

}  // namespace sifguard
