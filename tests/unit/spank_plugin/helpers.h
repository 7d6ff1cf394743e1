// Helpers under every name that stand_in_helper knows, and a scratch directory for what they
// report.
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace test {

class Scratch : public testing::Test {
 protected:
  Scratch() {
    std::string pattern = std::filesystem::temp_directory_path() / "sifguard-plugin.XXXXXX";
    directory_ = ::mkdtemp(pattern.data());
  }
  ~Scratch() override { std::filesystem::remove_all(directory_); }

  /// Path of a helper that behaves as `mode`.
  [[nodiscard]] std::string helper(const std::string& mode) const {
    const std::string path = directory_ + "/" + mode;
    if (!std::filesystem::exists(path)) std::filesystem::create_symlink(STAND_IN_HELPER, path);
    return path;
  }
  [[nodiscard]] std::string file(const std::string& name) const { return directory_ + "/" + name; }

  static std::string content(const std::string& path) {
    std::ifstream stream(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
  }

 private:
  std::string directory_;
};

/// The same for tests in which the plugin makes mount namespaces, which root alone may.
class RootScratch : public Scratch {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "needs root to make a mount namespace";
  }
};

}  // namespace test
