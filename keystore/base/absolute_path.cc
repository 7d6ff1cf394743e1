// The working directory, and names that are relative to it. Any privilege.
#include "keystore/base/absolute_path.h"

#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <memory>

#include "keystore/base/text.h"

namespace sifguard {

namespace {

Result<std::string> find_directory(const std::string& what, const std::string& remedy) {
  const std::unique_ptr<char, decltype(&::free)> found(::getcwd(nullptr, 0), &::free);
  // The kernel tells "(unreachable)…" of a directory outside of this process's root.
  if (found && *found == '/') return std::string(found.get());
  return fail_errno(Code::no_input, what, found ? ENOENT : errno, remedy);
}

constexpr const char* kWhat = "cannot find the working directory";
constexpr const char* kRemedy = "change to a directory that exists";

}  // namespace

Result<std::string> working_directory() {
  return find_directory(kWhat, kRemedy);
}

Result<std::string> absolute_path(const std::string& path) {
  if (path.starts_with('/')) return path;
  SG_TRY(const std::string directory,
         find_directory(kWhat + (" that '" + printable(path, 200)) + "' is relative to",
                        kRemedy + std::string(", or give an absolute path")));
  return directory + (directory.ends_with('/') ? "" : "/") + path;
}

}  // namespace sifguard
