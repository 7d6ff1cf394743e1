// Single files of a keystore: what is certainly not there is none, and what cannot be read is an
// error.
#include "keystore/store/single_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "tests/unit/store/store_fixture.h"

namespace sifguard {
namespace {

class SingleFile : public test::StoreFixture {
 protected:
  void SetUp() override {
    StoreFixture::SetUp();
    auto top = store_->top();
    ASSERT_TRUE(top);
    top_.emplace(*std::move(top));
  }
  Result<std::optional<std::string>> find(const std::string& name, std::size_t limit = 100) {
    return find_file(*top_, name, limit, trust());
  }
  std::optional<EntryParent> top_;
};

TEST_F(SingleFile, IsFoundReplacedAndRemoved) {
  EXPECT_EQ(find("x"), std::nullopt);
  EXPECT_EQ(remove_file(*top_, "x"), false);
  ASSERT_TRUE(put_file(*top_, "x", "one"));
  ASSERT_TRUE(put_file(*top_, "x", "two"));
  EXPECT_EQ(find("x"), "two");
  struct stat st {};
  ASSERT_EQ(::stat((path() + "/x").c_str(), &st), 0);
  EXPECT_EQ(st.st_mode & 0777U, 0600U);
  EXPECT_EQ(remove_file(*top_, "x"), true);
  EXPECT_EQ(find("x"), std::nullopt);
}

TEST_F(SingleFile, WhatIsThereAndNotToBeReadIsAnError) {
  ASSERT_TRUE(put_file(*top_, "x", "12345"));
  expect_error(find("x", 4), Code::config, "/x");
  ASSERT_EQ(::chmod((path() + "/x").c_str(), 0666), 0);
  expect_error(find("x"), Code::config, "/x");
  std::filesystem::create_symlink("x", path() + "/link");
  expect_error(find("link"), Code::config, "/link");
  std::filesystem::create_symlink("nowhere", path() + "/gone");
  expect_error(find("gone"), Code::config, "/gone");
  expect_error(remove_file(*top_, "keys"), Code::config, "cannot remove");
}

TEST_F(SingleFile, AnOlderNameIsFoundToo) {
  test::write_file(path() + "/revoked.yaml", "old");
  EXPECT_EQ(find("revoked.json"), "old");
  ASSERT_TRUE(put_file(*top_, "revoked.json", "new"));
  EXPECT_EQ(find("revoked.json"), "new");
}

TEST_F(SingleFile, ADirectoryThatWouldBeMadeIsEmpty) {
  auto opened = Keystore::open(path(), trust(), Writes::withheld);
  ASSERT_TRUE(opened);
  const auto top = opened->top();
  const auto made = make_parent(*top, "new", trust());
  ASSERT_TRUE(made) << made.error().line();
  EXPECT_FALSE(has_entry(*made, "x"));
  EXPECT_EQ(list_entries(*made), std::vector<std::string>());
  EXPECT_EQ(find_file(*made, "x", 10, trust()), std::nullopt);
  EXPECT_TRUE(put_file(*made, "x", "text"));
  const auto below = make_parent(*made, "below", trust());
  ASSERT_TRUE(below);
  EXPECT_EQ(below->shown, path() + "/new/below");
  EXPECT_FALSE(std::filesystem::exists(path() + "/new"));
}

}  // namespace
}  // namespace sifguard
