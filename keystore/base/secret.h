// Memory for secrets. Any process; locking requires CAP_IPC_LOCK or RLIMIT_MEMLOCK.
//
// A SecretBytes owns whole pages of its own, which are locked against swap, left out of core dumps
// and of forked children, and wiped before they are returned. Secrets are stored nowhere else:
// never in a std::string, argv, the environment or a log.
#pragma once

#include <cstddef>
#include <span>

#include "keystore/base/error.h"

namespace sifguard {

class SecretBytes {
 public:
  SecretBytes() noexcept = default;
  /// `size` zero bytes. Errors: Code::temporary when memory cannot be allocated or locked.
  [[nodiscard]] static Result<SecretBytes> allocate(std::size_t size);
  /// A copy of `bytes`; the caller wipes its own.
  [[nodiscard]] static Result<SecretBytes> copy_of(std::span<const std::byte> bytes);

  SecretBytes(SecretBytes&& other) noexcept;
  SecretBytes& operator=(SecretBytes&& other) noexcept;
  SecretBytes(const SecretBytes&) = delete;
  SecretBytes& operator=(const SecretBytes&) = delete;
  ~SecretBytes();

  [[nodiscard]] std::span<std::byte> bytes() noexcept { return {data_, size_}; }
  [[nodiscard]] std::span<const std::byte> bytes() const noexcept { return {data_, size_}; }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
  /// Keeps the first `size` bytes and wipes the rest. `size` must not be larger than size().
  void shrink(std::size_t size) noexcept;

 private:
  void release() noexcept;

  std::byte* data_ = nullptr;
  std::size_t size_ = 0;
  std::size_t mapped_ = 0;
};

/// Overwrites memory in a way that the compiler cannot optimize away.
void wipe(std::span<std::byte> bytes) noexcept;

/// Reads all of `fd` (at most `limit` bytes) directly into secret memory.
[[nodiscard]] Result<SecretBytes> read_secret(int fd, std::size_t limit, std::string_view what);

/// Forbids core dumps and ptrace by the same uid for this process; call first in main().
Status harden_process();

}  // namespace sifguard
