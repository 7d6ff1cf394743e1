// A keystore in a temporary directory, for the tests of keystore/store. Tests only.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <optional>

#include "keystore/crypto/certificate.h"
#include "keystore/store/keystore.h"
#include "tests/unit/base/temp_dir.h"

namespace sifguard::test {

class StoreFixture : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(Keystore::init(path(), trust()));
    reopen();
  }
  void reopen() {
    auto opened = Keystore::open(path(), trust());
    ASSERT_TRUE(opened) << opened.error().line();
    store_.emplace(*std::move(opened));
  }
  [[nodiscard]] std::string path() const { return dir_ / "store"; }
  [[nodiscard]] static Trust trust() { return Trust{::geteuid()}; }
  [[nodiscard]] std::string key_file(const KeyRecord& key, const std::string& name) const {
    return path() + "/keys/" + key.id + "/" + name;
  }
  [[nodiscard]] std::string signer_file(const std::string& fpr, const std::string& name) const {
    return path() + "/image-signers/" + fpr + "/" + name;
  }
  /// Names in a directory of the keystore, hidden ones included, sorted.
  [[nodiscard]] std::vector<std::string> entries_of(const std::string& directory) const {
    std::vector<std::string> names;
    for (const auto& each : std::filesystem::directory_iterator(path() + "/" + directory)) {
      names.push_back(each.path().filename());
    }
    std::sort(names.begin(), names.end());
    return names;
  }
  KeyRecord add(const std::string& name, const RsaPrivateKey& key) {
    auto added = store_->add_key({name, &key, nullptr, nullptr});
    EXPECT_TRUE(added) << added.error().line();
    return added->record;
  }
  /// Replaces the first `from` of a file by `to`; both must be there to see a difference.
  static void edit(const std::string& file, const std::string& from, const std::string& to) {
    std::string text = read_file(file);
    const std::size_t at = text.find(from);
    ASSERT_NE(at, std::string::npos) << from << " is not in " << text;
    write_file(file, text.replace(at, from.size(), to));
  }
  template <typename T>
  static void expect_error(const Result<T>& result, Code code, const std::string& words) {
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code(), code) << result.error().line();
    EXPECT_NE(result.error().line().find(words), std::string::npos) << result.error().line();
  }

  TempDir dir_;
  std::optional<Keystore> store_;
};

}  // namespace sifguard::test
