// A FUSE connection and the mount of its one file, before there is a server. Root.
#include "helper/mount/fuse_connection.h"

#include <fcntl.h>

#include <cerrno>
#include <utility>

namespace sifguard {

Result<FuseConnection> connect_fuse(const std::string& scratch) {
  UniqueFd fuse(::open("/dev/fuse", O_RDWR | O_CLOEXEC));
  if (!fuse.valid()) {
    return fail_errno(Code::config, "cannot open /dev/fuse", errno,
                      "the node needs FUSE: load the module `fuse` at boot");
  }
  // Who may open the file, not who serves it, is root alone.
  SG_TRY(DetachedMount mount, DetachedMount::make({.type = "fuse",
                                                   .source = "sifguard-imagefs",
                                                   .options = {{"fd", std::to_string(fuse.get())},
                                                               {"rootmode", "100000"},
                                                               {"user_id", "0"},
                                                               {"group_id", "0"}},
                                                   .executable = false,
                                                   .root_is_file = true},
                                                  scratch));
  return FuseConnection{std::move(fuse), std::move(mount)};
}

}  // namespace sifguard
