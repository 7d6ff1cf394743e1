// A loop device over a part of an open file, read only. Root.
#include "helper/mount/loop_device.h"

#include <fcntl.h>
#include <linux/loop.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <cerrno>

#ifndef LOOP_CONFIGURE
#define LOOP_CONFIGURE 0x4C0A
#endif

namespace sifguard {
namespace {

constexpr const char* kControl = "/dev/loop-control";
constexpr unsigned kLoopMajor = 7;
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

/// A /dev of somebody's own may lack the node of a new device.
UniqueFd open_device(const std::string& path, int number) {
  UniqueFd device(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (device.valid() || errno != ENOENT) return device;
  const dev_t id = ::makedev(kLoopMajor, static_cast<unsigned>(number));
  if (::mknod(path.c_str(), S_IFBLK | 0600, id) != 0 && errno != EEXIST) return device;
  return UniqueFd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
}

tl::unexpected<Error> no_devices(const std::string& what, int error) {
  return fail_errno(Code::config, what, error,
                    "the node needs loop devices: load the module `loop` at boot");
}

}  // namespace

Result<LoopDevice> LoopDevice::over(int file, std::uint64_t offset, std::uint64_t size,
                                    bool direct) {
  const UniqueFd control(::open(kControl, O_RDWR | O_CLOEXEC));
  if (!control.valid()) return no_devices(std::string("cannot open ") + kControl, errno);
  const LoopConfig config = config_of(file, offset, size, direct);
  for (int tries = 0; tries < kTries; ++tries) {
    const int number = ::ioctl(control.get(), LOOP_CTL_GET_FREE);
    if (number < 0) return fail_errno(Code::temporary, "no loop device is left", errno);
    const std::string path = "/dev/loop" + std::to_string(number);
    UniqueFd device = open_device(path, number);
    if (!device.valid()) return no_devices("cannot open " + path, errno);
    const int error = configure(device.get(), file, config);
    if (error == 0) return LoopDevice(path, std::move(device));
    if (error != EBUSY) return fail_errno(Code::internal, "cannot set up " + path, error);
  }
  return fail(Code::temporary, "no loop device is left: others took each one first", "try again");
}

}  // namespace sifguard
