// Listing and removing directories.
#include "keystore/base/tree.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "keystore/base/fd.h"
#include "tests/unit/base/temp_dir.h"

namespace sifguard {
namespace {

namespace fs = std::filesystem;
using Names = std::vector<std::string>;

class Tree : public testing::Test {
 protected:
  test::TempDir directory_;
  UniqueFd fd_{::open(directory_.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
};

TEST_F(Tree, ListsSortedNamesHiddenOnesToo) {
  for (const char* name : {"b", ".hidden", "a", "with space", "new\nline"}) {
    test::write_file(directory_ / name, "");
  }
  const Names expected = {".hidden", "a", "b", "new\nline", "with space"};
  EXPECT_EQ(*list_names(directory_.path()), expected);
  EXPECT_EQ(*list_names_at(fd_.get()), expected);
  EXPECT_EQ(*list_names_at(fd_.get()), expected);  // the offset is not shared
}

TEST_F(Tree, ListsNothingInAnEmptyDirectory) {
  EXPECT_EQ(*list_names(directory_.path()), Names{});
}

TEST_F(Tree, ListingWhatIsNoDirectoryIsAnError) {
  EXPECT_FALSE(list_names(directory_ / "absent"));
  test::write_file(directory_ / "file", "");
  const auto names = list_names(directory_ / "file");
  ASSERT_FALSE(names);
  EXPECT_NE(names.error().what().find("file"), std::string::npos);
  EXPECT_FALSE(list_names_at(-1));
}

TEST_F(Tree, RemovesFilesAndWholeTrees) {
  test::write_file(directory_ / "file", "");
  fs::create_directories(directory_ / "tree/of/directories");
  test::write_file(directory_ / "tree/of/file", "");
  EXPECT_TRUE(remove_tree_at(fd_.get(), "file"));
  EXPECT_TRUE(remove_tree_at(fd_.get(), "tree"));
  EXPECT_TRUE(fs::is_empty(directory_.path()));
}

TEST_F(Tree, WhatIsNotThereIsRemoved) {
  EXPECT_TRUE(remove_tree_at(fd_.get(), "absent"));
}

TEST_F(Tree, NeverFollowsASymbolicLink) {
  fs::create_directories(directory_ / "outside/inner");
  test::write_file(directory_ / "outside/kept", "kept");
  fs::create_directory(directory_ / "tree");
  fs::create_symlink(directory_ / "outside", directory_ / "tree/link");
  fs::create_symlink(directory_ / "outside", directory_ / "link");
  EXPECT_TRUE(remove_tree_at(fd_.get(), "tree"));
  EXPECT_TRUE(remove_tree_at(fd_.get(), "link"));
  EXPECT_TRUE(fs::exists(directory_ / "outside/kept"));
  EXPECT_TRUE(fs::exists(directory_ / "outside/inner"));
  EXPECT_EQ(*list_names(directory_.path()), Names{"outside"});
}

TEST_F(Tree, RemovesWhatIsNoRegularFile) {
  ASSERT_EQ(::mkfifo((directory_ / "fifo").c_str(), 0600), 0);
  EXPECT_TRUE(remove_tree_at(fd_.get(), "fifo"));  // and is not opened, which would block
  EXPECT_TRUE(fs::is_empty(directory_.path()));
}

TEST_F(Tree, ATooDeepTreeIsAnErrorAndEndsThere) {
  std::string path = "top";
  for (int i = 0; i < 70; ++i) path += "/d";
  fs::create_directories(directory_ / path);
  const auto removed = remove_tree_at(fd_.get(), "top");
  ASSERT_FALSE(removed);
  EXPECT_NE(removed.error().what().find("too deep"), std::string::npos);
}

TEST_F(Tree, AMissingParentIsAnError) {
  const UniqueFd file(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  const auto removed = remove_tree_at(file.get(), "name");
  ASSERT_FALSE(removed);
  EXPECT_NE(removed.error().what().find("name"), std::string::npos);
}

}  // namespace
}  // namespace sifguard
