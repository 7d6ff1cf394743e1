// A loop device over a part of an open file, read only. Root.
//
// The kernel releases it (LO_FLAGS_AUTOCLEAR) when its last descriptor and the last mount on it are
// gone, so keep the descriptor until a file system is mounted on it.
#pragma once

#include <cstdint>
#include <string>

#include "keystore/base/fd.h"

namespace sifguard {

class LoopDevice {
 public:
  /// `size` bytes of `file` from `offset` on. `direct`: bypass the page cache, as far as `size` and
  /// the kernel allow. Errors: Code::refused for a shorter file, Code::config on a node without
  /// loop devices, Code::temporary when none is left, Code::internal.
  [[nodiscard]] static Result<LoopDevice> over(int file, std::uint64_t offset, std::uint64_t size,
                                               bool direct);

  [[nodiscard]] const std::string& path() const noexcept {
    return path_;
  }  ///< "/dev/loop7", or by `fd`

 private:
  LoopDevice(std::string path, UniqueFd fd) : path_(std::move(path)), fd_(std::move(fd)) {}
  std::string path_;
  UniqueFd fd_;
};

}  // namespace sifguard
