// A FUSE connection and its mount, before there is a server. Root.
#include "helper/mount/fuse_connection.h"

#include <fcntl.h>

#include <cerrno>
#include <utility>

namespace sifguard {

namespace {

MountSpec spec_of(const FuseWanted& wanted, int fuse) {
  MountSpec spec;
  spec.type = "fuse";
  spec.source = wanted.server;
  // Who may open it, not who serves it, is root alone, unless it is for others.
  spec.options = {{"fd", std::to_string(fuse)},
                  {"rootmode", wanted.is_directory ? "40000" : "100000"},
                  {"user_id", "0"},
                  {"group_id", "0"}};
  if (wanted.for_others) spec.options.emplace_back("allow_other", "");
  if (wanted.is_directory) spec.options.emplace_back("default_permissions", "");
  spec.executable = wanted.executable;
  spec.root_is_file = !wanted.is_directory;
  return spec;
}

}  // namespace

Result<FuseConnection> connect_fuse(const FuseWanted& wanted, const std::string& scratch) {
  UniqueFd fuse(::open("/dev/fuse", O_RDWR | O_CLOEXEC));
  if (!fuse.valid()) {
    return fail_errno(Code::config, "cannot open /dev/fuse", errno,
                      "the node needs FUSE: load the module `fuse` at boot");
  }
  SG_TRY(DetachedMount mount, DetachedMount::make(spec_of(wanted, fuse.get()), scratch));
  return FuseConnection{std::move(fuse), std::move(mount)};
}

}  // namespace sifguard
