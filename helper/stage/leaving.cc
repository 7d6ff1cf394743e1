// What leaves the cache. Root.
#include "helper/stage/leaving.h"

#include <cerrno>
#include <cstdio>

#include "helper/stage/cache_entry.h"
#include "keystore/base/clock.h"
#include "keystore/base/tree.h"

namespace sifguard {

Leaving::~Leaving() {
  for (const std::string& name : names_) (void)remove_tree_at(temporary_, name);
}

Status Leaving::take(int directory_fd, const std::string& name) {
  // Nobody else gives names of this kind meanwhile, and time has gone on since the last one.
  std::string leaving = std::string(kLeavingPrefix) + name + "-" + std::to_string(boottime_ns());
  if (::renameat(directory_fd, name.c_str(), temporary_, leaving.c_str()) != 0) {
    if (errno == ENOENT) return {};
    return fail_errno(Code::internal, "cannot remove from the image cache", errno);
  }
  names_.push_back(std::move(leaving));
  return {};
}

Status remove_leaving(int temporary_fd) {
  SG_TRY(const auto names, list_names_at(temporary_fd));
  for (const std::string& name : names) {
    if (name.starts_with(kLeavingPrefix)) SG_CHECK(remove_tree_at(temporary_fd, name));
  }
  return {};
}

}  // namespace sifguard
