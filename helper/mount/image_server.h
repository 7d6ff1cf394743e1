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
  std::optional<Identity> identity;   ///< the no-login account; absent (tests): as we are
  std::string cgroups;                ///< kCgroups; empty (tests): it stays in ours
  int log = -1;                       ///< takes its lines, one write each; or none
  int owner = -1;                     ///< handle of the process that it ends with, if any
  std::int64_t deadline_ms = 60'000;  ///< of each read
};

/// A server of a root, `program` of libexec_dir: without descriptors, and with argv[0] alone. It
/// outlives us, in namespaces of its own.
[[nodiscard]] ChildSpec server_spec(const ImageServerOptions& options, const char* program);

/// Starts it. Errors: those of start_child().
[[nodiscard]] Result<Child> start_server(const ImageServerOptions& options, const ChildSpec& spec);

/// The encrypted bytes.
struct SealedFile {
  SealedKind kind = SealedKind::gocryptfs;
  int fd = -1;
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
  int conf = -1;  ///< gocryptfs.conf, or none
};

class ImageServer {
 public:
  /// Without a key: it makes itself ready meanwhile. `fuse`: of /dev/fuse, mounted; the caller
  /// closes its own at once, so that the server alone holds the connection. Errors: those of
  /// start_child().
  [[nodiscard]] static Result<ImageServer> start(const ImageServerOptions& options, int fuse,
                                                 const SealedFile& sealed);
  /// Once. Errors: Code::refused for what is no key; a server that has ended answers so.
  Status give(const VolumeKey& key);
  /// Waits until it has unlocked the image, and serves. Errors: the server's own, Code::temporary
  /// past `deadline_ms` (monotonic_ms()).
  [[nodiscard]] Result<ImagefsAnswer> answer(std::int64_t deadline_ms);
  /// It serves until its file system is gone. Its handle, as Child::let_go().
  [[nodiscard]] UniqueFd let_go() && noexcept { return std::move(child_).let_go(); }
  [[nodiscard]] pid_t pid() const noexcept { return child_.pid(); }

 private:
  ImageServer(Child child, Pipe secret, UniqueFd answer)
      : child_(std::move(child)), secret_(std::move(secret)), answer_(std::move(answer)) {}
  Child child_;
  Pipe secret_;  ///< with its reading end: to write into it ends in no signal
  UniqueFd answer_;
};

}  // namespace sifguard
