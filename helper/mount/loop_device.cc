// A loop device over a part of an open file, read only. Root.
#include "helper/mount/loop_device.h"

#include <fcntl.h>
#include <linux/loop.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include <cerrno>
#include <utility>

#include "helper/mount/mount_calls.h"
#include "keystore/base/lack.h"

#ifndef LOOP_CONFIGURE
#define LOOP_CONFIGURE 0x4C0A
#endif

namespace sifguard {
namespace {

constexpr const char* kControl = "/dev/loop-control";
constexpr int kTries = 64;  // other programs take devices, too, between the question and the answer
constexpr std::uint32_t kBlock = 4096;

/// struct loop_config of linux/loop.h from 5.8 on.
struct LoopConfig {
  std::uint32_t fd = 0;
  std::uint32_t block_size = 0;
  loop_info64 info{};
  std::uint64_t reserved[8] = {};
};

LoopConfig config_of(int file, std::uint64_t offset, std::uint64_t size, bool direct) {
  LoopConfig config;
  config.fd = static_cast<std::uint32_t>(file);
  config.info.lo_offset = offset;
  config.info.lo_sizelimit = size;
  config.info.lo_flags = LO_FLAGS_READ_ONLY | LO_FLAGS_AUTOCLEAR;
  if (direct && offset % kBlock == 0 && size % kBlock == 0) {
    config.block_size = kBlock;
    config.info.lo_flags |= LO_FLAGS_DIRECT_IO;
  }
  return config;
}

/// As before Linux 5.8: in two steps. 0, or an errno value.
int configure_in_steps(int device, int file, loop_info64 info) {
  info.lo_flags &= ~static_cast<std::uint32_t>(LO_FLAGS_DIRECT_IO | LO_FLAGS_READ_ONLY);
  if (::ioctl(device, LOOP_SET_FD, file) != 0) return errno;
  for (int tries = 0; tries < kTries; ++tries) {
    if (::ioctl(device, LOOP_SET_STATUS64, &info) == 0) return 0;
    if (errno != EAGAIN) break;  // pages of it are still being given up
  }
  const int error = errno;
  ::ioctl(device, LOOP_CLR_FD, 0);
  return error;
}

int configure(int device, int file, LoopConfig config) {
  if (::ioctl(device, LOOP_CONFIGURE, &config) == 0) return 0;
  if (errno == EINVAL && config.block_size != 0) {  // a file without direct access
    config.block_size = 0;
    config.info.lo_flags &= ~static_cast<std::uint32_t>(LO_FLAGS_DIRECT_IO);
    if (::ioctl(device, LOOP_CONFIGURE, &config) == 0) return 0;
  }
  const bool unknown = errno == EINVAL || errno == ENOTTY || errno == ENOSYS;
  return unknown ? configure_in_steps(device, file, config.info) : errno;
}

/// Before Linux 6.17 a loop device has the size that the kernel knew last, which is none for a file
/// of FUSE that nobody has asked for its attributes: the question itself counts.
Status check_size(int file, std::uint64_t offset, std::uint64_t size) {
  struct stat st {};
  if (::fstat(file, &st) != 0) return fail_errno(Code::internal, "cannot look at a file", errno);
  const auto known = static_cast<std::uint64_t>(st.st_size);
  if (offset > known || size > known - offset) {
    return fail(Code::refused, "the file is shorter than the image in it");
  }
  return {};
}

/// From the kernel's own /dev, seen by nobody (Linux 5.2).
UniqueFd open_kernels(const std::string& name) {
  const UniqueFd filesystem(mount_calls::open_filesystem("devtmpfs"));
  if (!filesystem.valid() || mount_calls::create(filesystem.get()) != 0) return {};
  const UniqueFd root(mount_calls::mount_detached(
      filesystem.get(), mount_calls::kNoSetuid | mount_calls::kNoExec | mount_calls::kReadOnly));
  if (!root.valid()) return {};
  return UniqueFd(::openat(root.get(), name.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
}

struct OpenedDevice {
  std::string path;
  UniqueFd fd;
};

/// A /dev of somebody's own may lack the node of a new device.
OpenedDevice open_device(int number) {
  const std::string name = "loop" + std::to_string(number);
  const std::string path = "/dev/" + name;
  UniqueFd device(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (device.valid() || errno != ENOENT) return {path, std::move(device)};
  UniqueFd kernels = open_kernels(name);
  errno = kernels.valid() ? 0 : ENOENT;
  return {"/proc/self/fd/" + std::to_string(kernels.get()), std::move(kernels)};
}

tl::unexpected<Error> no_devices(const std::string& what, int error) {
  return fail_errno(Code::config, what, error,
                    "the node needs loop devices: load the module `loop` at boot");
}

tl::unexpected<Error> no_free_device(int error) {
  const std::string what = "the kernel gives no loop device";
  const bool lack = tells_of_lack(error);
  return lack ? fail_errno(Code::temporary, what, error, "try again when other steps have ended")
              : no_devices(what, error);
}

tl::unexpected<Error> no_device(int number, int error) {
  const std::string what = "cannot open /dev/loop" + std::to_string(number);
  if (error != ENOENT) return no_devices(what, error);
  return fail_errno(Code::config, what, error,
                    "the node's /dev must have the loop devices that the kernel makes: mount "
                    "devtmpfs there, or make them with mknod");
}

}  // namespace

Result<LoopDevice> LoopDevice::over(int file, std::uint64_t offset, std::uint64_t size,
                                    bool direct) {
  SG_CHECK(check_size(file, offset, size));
  const UniqueFd control(::open(kControl, O_RDWR | O_CLOEXEC));
  if (!control.valid()) return no_devices(std::string("cannot open ") + kControl, errno);
  const LoopConfig config = config_of(file, offset, size, direct);
  for (int tries = 0; tries < kTries; ++tries) {
    const int number = ::ioctl(control.get(), LOOP_CTL_GET_FREE);
    if (number < 0) return no_free_device(errno);
    OpenedDevice device = open_device(number);
    if (!device.fd.valid()) return no_device(number, errno);
    const int error = configure(device.fd.get(), file, config);
    if (error == 0) return LoopDevice(std::move(device.path), std::move(device.fd));
    if (error != EBUSY) return fail_errno(Code::internal, "cannot set up " + device.path, error);
  }
  return fail(Code::temporary, "no loop device is left: others took each one first", "try again");
}

}  // namespace sifguard
