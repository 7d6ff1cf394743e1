#include "keystore/base/trusted_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/base/temp_dir.h"

namespace sifguard {
namespace {

class TrustedFile : public ::testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::create_directory(dir_ / "sub");
    file_ = dir_ / "sub/file";
    test::write_file(file_, "content");
    ::chmod(file_.c_str(), 0600);
  }
  void expect_refused(const std::string& path, const std::string& words) const {
    auto text = read_trusted_file(path, 100, trust_);
    ASSERT_FALSE(text) << path;
    EXPECT_EQ(text.error().code(), Code::config);
    EXPECT_NE(text.error().line().find(words), std::string::npos) << text.error().line();
  }
  test::TempDir dir_;
  Trust trust_{::geteuid()};
  std::string file_;
};

TEST_F(TrustedFile, IsRead) {
  EXPECT_EQ(read_trusted_file(file_, 100, trust_), "content");
}

TEST_F(TrustedFile, GroupWritableFileIsRefused) {
  ::chmod(file_.c_str(), 0620);
  expect_refused(file_, "chmod go-w " + file_);
}

TEST_F(TrustedFile, WorldWritableParentIsRefused) {
  ::chmod((dir_ / "sub").c_str(), 0777);
  expect_refused(file_, "chmod go-w " + (dir_ / "sub"));
}

TEST_F(TrustedFile, StickyWorldWritableParentIsAccepted) {
  ::chmod((dir_ / "sub").c_str(), 01777);
  EXPECT_TRUE(read_trusted_file(file_, 100, trust_));
}

TEST_F(TrustedFile, SymbolicLinkIsRefused) {
  ASSERT_EQ(::symlink(file_.c_str(), (dir_ / "link").c_str()), 0);
  expect_refused(dir_ / "link", "is a symbolic link");
  ASSERT_EQ(::symlink((dir_ / "sub").c_str(), (dir_ / "sublink").c_str()), 0);
  expect_refused(dir_ / "sublink/file", "is a symbolic link");
}

TEST_F(TrustedFile, AnotherOwnerIsRefused) {
  if (::geteuid() != 0) GTEST_SKIP() << "SKIPPED: needs root";
  ASSERT_EQ(::chown(file_.c_str(), 12345, 0), 0);
  expect_refused(file_, "owned by uid 12345");
}

TEST_F(TrustedFile, WhatIsNotAFileIsRefused) {
  expect_refused(dir_ / "sub", "not a regular file");
  ASSERT_EQ(::mkfifo((dir_ / "fifo").c_str(), 0600), 0);
  expect_refused(dir_ / "fifo", "not a regular file");  // and does not hang
  expect_refused(dir_ / "absent", "No such file");
  expect_refused("relative/path", "not absolute");
  expect_refused((dir_ / "sub") + "/../sub/file", "'..'");
  expect_refused("/", "not a regular file");
}

TEST_F(TrustedFile, LargerThanTheLimitIsRefused) {
  auto text = read_trusted_file(file_, 6, trust_);
  ASSERT_FALSE(text);
  EXPECT_EQ(text.error().code(), Code::config);
}

TEST_F(TrustedFile, ProgramsMustBeExecutableAndTrusted) {
  EXPECT_TRUE(check_trusted_program("/bin/sh", trust_));
  EXPECT_EQ(check_trusted_program(file_, trust_).error().code(), Code::unavailable);
  EXPECT_EQ(check_trusted_program(dir_ / "absent", trust_).error().code(), Code::unavailable);
  ::chmod(file_.c_str(), 0722);
  EXPECT_EQ(check_trusted_program(file_, trust_).error().code(), Code::config);
}

}  // namespace
}  // namespace sifguard
