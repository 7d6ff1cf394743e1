// A FUSE filesystem that starts up well and then never answers again, as a user could mount one.
// Who asks it something hangs in the kernel and cannot even be killed. Tests only; needs root.
#pragma once

#include <fcntl.h>
#include <linux/fuse.h>
#include <sys/mount.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstring>
#include <string>
#include <thread>

#include "keystore/base/fd.h"

namespace sifguard::test {

class HangingFilesystem {
 public:
  explicit HangingFilesystem(std::string where) : where_(std::move(where)) {
    device_ = UniqueFd(::open("/dev/fuse", O_RDWR | O_CLOEXEC));
    const std::string options =
        "fd=" + std::to_string(device_.get()) + ",rootmode=40755,user_id=0,group_id=0,allow_other";
    mounted_ = device_.valid() &&
               ::mount("test", where_.c_str(), "fuse", MS_NOSUID | MS_NODEV, options.c_str()) == 0;
    if (mounted_) server_ = std::thread([this] { serve(); });
  }
  HangingFilesystem(const HangingFilesystem&) = delete;
  HangingFilesystem& operator=(const HangingFilesystem&) = delete;
  ~HangingFilesystem() {
    if (!mounted_) return;
    ::umount2(where_.c_str(), MNT_FORCE);  // ends all requests
    ::umount2(where_.c_str(), MNT_DETACH);
    server_.join();
  }

  [[nodiscard]] bool mounted() const { return mounted_; }
  [[nodiscard]] bool asked() const { return asked_; }

 private:
  void serve() {
    alignas(std::uint64_t) std::array<char, 1U << 17U> buffer{};
    while (::read(device_.get(), buffer.data(), buffer.size()) > 0) {
      struct fuse_in_header request {};
      std::memcpy(&request, buffer.data(), sizeof request);
      if (request.opcode != FUSE_INIT) {
        asked_ = true;
        continue;
      }
      struct {
        struct fuse_out_header header;
        struct fuse_init_out init;
      } answer{};
      answer.header.len = sizeof answer;
      answer.header.unique = request.unique;
      answer.init.major = FUSE_KERNEL_VERSION;
      answer.init.minor = FUSE_KERNEL_MINOR_VERSION;
      answer.init.max_write = 65536;
      if (::write(device_.get(), &answer, sizeof answer) < 0) return;
    }
  }

  std::string where_;
  UniqueFd device_;
  bool mounted_ = false;
  std::atomic<bool> asked_ = false;
  std::thread server_;
};

}  // namespace sifguard::test
