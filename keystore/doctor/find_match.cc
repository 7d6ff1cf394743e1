// Whether a host has a file that a pattern of a binding matches. The caller's rights.
//
// The pattern is followed component by component: one without wildcards is looked up, one with
// wildcards is compared with the names in the directory, and "**" with the whole tree below.
#include <sys/stat.h>

#include <cerrno>
#include <span>
#include <vector>

#include "keystore/base/text.h"
#include "keystore/base/tree.h"
#include "keystore/doctor/find_match.h"
#include "keystore/policy/image_name.h"
#include "keystore/policy/policy.h"

namespace sifguard {
namespace {

class Search {
 public:
  Search(int budget, std::string* file) : budget_(budget), file_(file) {}

  FileMatch below(const std::string& directory, std::span<const std::string> rest) {
    if (rest.front().find_first_of("*?[") == std::string::npos) {
      return at(directory + "/" + rest.front(), rest.subspan(1));
    }
    const auto names = list_names(directory.empty() ? "/" : directory);
    if (!names) return absent(directory) ? FileMatch::none : FileMatch::unknown;
    const bool any_depth = rest.front() == "**";
    FileMatch sum = FileMatch::none;
    const auto note = [&sum](FileMatch one) {
      if (sum == FileMatch::none || one == FileMatch::found) sum = one;
    };
    if (any_depth && rest.size() > 1) note(below(directory, rest.subspan(1)));
    for (const std::string& name : *names) {
      if (sum == FileMatch::found) return sum;
      if (--budget_ < 0) return FileMatch::unknown;
      if (any_depth ? name.front() == '.' : !matches_text("/" + rest.front(), "/" + name)) {
        continue;
      }
      const std::string path = directory + "/" + name;
      if (!any_depth) {
        note(at(path, rest.subspan(1)));
      } else if (rest.size() == 1) {
        note(at(path, {}));
      }
      if (any_depth && is_directory(path)) note(below(path, rest));
    }
    return sum;
  }

 private:
  static bool absent(const std::string& path) {
    struct stat st {};
    return ::stat(path.c_str(), &st) != 0 && (errno == ENOENT || errno == ENOTDIR);
  }
  /// Links are not followed downwards: they could lead in circles.
  static bool is_directory(const std::string& path) {
    struct stat st {};
    return ::lstat(path.c_str(), &st) == 0 && S_ISDIR(st.st_mode);
  }

  FileMatch at(const std::string& path, std::span<const std::string> rest) {
    struct stat st {};
    if (::stat(path.c_str(), &st) != 0) {
      return errno == ENOENT || errno == ENOTDIR ? FileMatch::none : FileMatch::unknown;
    }
    if (rest.empty()) {
      if (!S_ISREG(st.st_mode)) return FileMatch::none;
      if (file_ != nullptr) *file_ = path;
      return FileMatch::found;
    }
    return S_ISDIR(st.st_mode) ? below(path, rest) : FileMatch::none;
  }

  int budget_;
  std::string* file_;
};

}  // namespace

FileMatch find_match(const std::string& pattern, int budget, std::string* file) {
  if (is_image_uri(pattern) || pattern.empty() || pattern.front() != '/') {
    return FileMatch::unknown;
  }
  const std::vector<std::string> components = split(pattern.substr(1), '/');
  return Search(budget, file).below("", components);
}

}  // namespace sifguard
