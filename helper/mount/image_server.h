// A running `sifguard-imagefs`: root's side. Root.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "helper/imagefs/wire/imagefs_wire.h"
#include "helper/release/volume_key.h"
#include "keystore/base/child.h"

namespace sifguard {

/// Who serves, and how.
struct ImageServerOptions {
  std::string libexec_dir;            ///< where the servers are
  std::optional<Identity> identity;   ///< the no-login account; absent (tests): our own
  std::string cgroups;                ///< kCgroups; empty (tests): the server stays in our cgroups
  int log = -1;                       ///< takes its lines, one write each; or -1
  int owner = -1;                     ///< pidfd of the process with which it ends; or -1
  std::int64_t deadline_ms = 60'000;  ///< of each read
};

/// How to start the server `program` of libexec_dir; the caller adds descriptors and arguments. The
/// server outlives this process and has namespaces of its own.
[[nodiscard]] ChildSpec server_spec(const ImageServerOptions& options, const char* program);

/// Starts it. Errors: those of start_child().
[[nodiscard]] Result<Child> start_server(const ImageServerOptions& options, const ChildSpec& spec);

/// The encrypted bytes.
struct SealedFile {
  SealedKind kind = SealedKind::gocryptfs;
  int fd = -1;
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
  int conf = -1;  ///< of gocryptfs.conf, or -1
};

class ImageServer {
 public:
  /// Starts it without a key, so that it gets ready meanwhile. `fuse`: of /dev/fuse, mounted; the
  /// caller closes its copy at once, so that the server alone holds the connection. Errors: those
  /// of start_child().
  [[nodiscard]] static Result<ImageServer> start(const ImageServerOptions& options, int fuse,
                                                 const SealedFile& sealed);
  /// Sends the key. Call once. Errors: Code::refused for a malformed key. If the server has ended,
  /// answer() tells.
  Status give(const VolumeKey& key);
  /// Waits until it has unlocked the image, and serves. Errors: the server's own, Code::temporary
  /// past `deadline_ms` (monotonic_ms()).
  [[nodiscard]] Result<ImagefsAnswer> answer(std::int64_t deadline_ms);
  /// Lets the server run until its file system is gone. Returns its pidfd, like Child::let_go().
  [[nodiscard]] UniqueFd let_go() && noexcept { return std::move(child_).let_go(); }
  [[nodiscard]] pid_t pid() const noexcept { return child_.pid(); }

 private:
  ImageServer(Child child, Pipe secret, UniqueFd answer)
      : child_(std::move(child)), secret_(std::move(secret)), answer_(std::move(answer)) {}
  Child child_;
  Pipe secret_;  ///< with its reading end, so that writing to it never raises SIGPIPE
  UniqueFd answer_;
};

}  // namespace sifguard
