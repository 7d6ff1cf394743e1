// The real opener, run as a user without privileges, and files for it. Tests only; most need root.
#pragma once

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <stdexcept>
#include <string>

#include "helper/stage/opened_image.h"
#include "tests/unit/base/temp_dir.h"

#define REQUIRE_ROOT() \
  if (::geteuid() != 0) GTEST_SKIP() << "SKIPPED: needs root"

namespace sifguard::test {

inline constexpr uid_t kUser = 65534;
inline constexpr gid_t kGroup = 65534;

/// Has the header of a SIF without objects, which is all that a copy looks at.
inline std::string sif_like(std::size_t size, char fill = 'x') {
  std::string text(size, fill);
  text.replace(32, 16,
               std::string("SIF_MAGIC\0"
                           "01\0"
                           "02\0",
                           16));
  text.replace(64, 64, std::string(64, '\0'));
  return text;
}

/// A directory that the user may enter, with a copy of the opener, installed as packages do.
class Stage {
 public:
  explicit Stage(mode_t opener_mode = 0711) {
    ::chmod(directory_.path().c_str(), 0755);
    std::filesystem::create_directory(directory_ / "libexec");
    const std::string opener = directory_ / "libexec/sifguard-opener";
    std::filesystem::copy_file(std::string(SIFGUARD_BIN) + "/sifguard-opener", opener);
    ::chmod(opener.c_str(), opener_mode);
    ::chmod((directory_ / "libexec").c_str(), 0755);
  }

  [[nodiscard]] std::string operator/(const std::string& name) const { return directory_ / name; }
  [[nodiscard]] std::string path() const { return directory_.path(); }

  /// A file of the user's.
  std::string file(const std::string& name, const std::string& content, mode_t mode = 0600) const {
    const std::string path = directory_ / name;
    write_file(path, content);
    give(path);
    ::chmod(path.c_str(), mode);
    return path;
  }
  static void give(const std::string& path) {
    if (::lchown(path.c_str(), kUser, kGroup) != 0) throw std::runtime_error("chown");
  }
  std::string directory(const std::string& name, mode_t mode = 0755) const {
    std::filesystem::create_directory(directory_ / name);
    ::chmod((directory_ / name).c_str(), mode);
    return directory_ / name;
  }

  [[nodiscard]] Result<OpenedImage> open(const std::string& image, const std::string& cwd = "/",
                                         std::int64_t timeout_ms = 20000) const {
    OpenOptions options;
    options.libexec_dir = directory_ / "libexec";
    options.owner = Identity{kUser, kGroup, {}};
    options.deadline_ms = monotonic_ms() + timeout_ms;
    return open_image(image, cwd, options);
  }

 private:
  TempDir directory_;
};

/// The child process of ours that runs the opener. Throws when there is none: what a test does to
/// it with kill() must never reach process -1, which is all of them.
inline pid_t running_opener() {
  const std::string children =
      read_file("/proc/self/task/" + std::to_string(::gettid()) + "/children");
  const pid_t opener = children.empty() ? -1 : std::stoi(children);
  if (opener <= 1) throw std::runtime_error("no opener is running");
  return opener;
}

}  // namespace sifguard::test
