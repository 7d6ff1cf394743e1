// A keystore as an older sifguard left it: today's, under the names of then. Tests only.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace sifguard::test {

inline void make_older(const std::string& keystore) {
  namespace fs = std::filesystem;
  std::vector<fs::path> files;
  for (const auto& each : fs::recursive_directory_iterator(keystore)) {
    if (each.path().extension() == ".json") files.push_back(each.path());
  }
  for (const fs::path& file : files) fs::rename(file, fs::path(file).replace_extension(".yaml"));
  fs::rename(keystore + "/image-signers", keystore + "/signers");
}

}  // namespace sifguard::test
