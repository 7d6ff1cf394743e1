// Reading the end of a log: whole lines, as many as begin there, and never one twice or none.
#include "keystore/audit/log_lines.h"

#include <gtest/gtest.h>

#include "tests/unit/base/temp_dir.h"

namespace sifguard {
namespace {

struct Read {
  std::vector<std::string> lines;
  bool all = false;
  bool last_whole = true;
};

Read read_last(const std::string& text, std::size_t bytes) {
  const test::TempDir dir;
  test::write_file(dir / "log", text);
  Read read;
  const auto all = read_last_log_lines(dir / "log", bytes, [&](std::string_view line, bool whole) {
    read.lines.emplace_back(line);
    read.last_whole = whole;
    return Status();
  });
  EXPECT_TRUE(all);
  read.all = all.value_or(false);
  return read;
}

using Lines = std::vector<std::string>;

TEST(LastLogLines, ThoseThatBeginWithinTheEndAreWhole) {
  const std::string text = "one\ntwo\nthree\n";
  EXPECT_EQ(read_last(text, 6).lines, Lines({"three"}));
  EXPECT_EQ(read_last(text, 9).lines, Lines({"three"}));  // one byte too late for "two"
  EXPECT_EQ(read_last(text, 10).lines, Lines({"two", "three"}));
  EXPECT_EQ(read_last(text, 13).lines, Lines({"two", "three"}));
  EXPECT_FALSE(read_last(text, 13).all);
}

TEST(LastLogLines, AllOfThemAreSaidToBe) {
  for (const std::size_t bytes : {14U, 15U, 100000U}) {
    const Read read = read_last("one\ntwo\nthree\n", bytes);
    EXPECT_EQ(read.lines, Lines({"one", "two", "three"})) << bytes;
    EXPECT_TRUE(read.all) << bytes;
  }
  EXPECT_TRUE(read_last("", 10).all);
  EXPECT_EQ(read_last("", 10).lines, Lines());
}

TEST(LastLogLines, WithinALineThatIsLongerThereIsNoneAndThatIsNotAll) {
  const Read read = read_last("one\n" + std::string(1000, 'x') + "\n", 100);
  EXPECT_EQ(read.lines, Lines());
  EXPECT_FALSE(read.all);
}

TEST(LastLogLines, ATornOneIsNotWhole) {
  const Read read = read_last("one\ntwo\nthr", 4);
  EXPECT_EQ(read.lines, Lines({"thr"}));
  EXPECT_FALSE(read.last_whole);
}

TEST(LastLogLines, WhatIsNoFileIsAnError) {
  const test::TempDir dir;
  const auto none = [](std::string_view, bool) { return Status(); };
  EXPECT_FALSE(read_last_log_lines(dir / "absent", 10, none));
  EXPECT_FALSE(read_last_log_lines(dir.path(), 10, none));
}

TEST(LastLogLines, AnErrorOfTheReaderEndsIt) {
  const test::TempDir dir;
  test::write_file(dir / "log", "one\ntwo\n");
  int calls = 0;
  const auto all = read_last_log_lines(dir / "log", 100, [&](std::string_view, bool) -> Status {
    ++calls;
    return fail(Code::internal, "enough");
  });
  ASSERT_FALSE(all);
  EXPECT_EQ(all.error().what(), "enough");
  EXPECT_EQ(calls, 1);
}

}  // namespace
}  // namespace sifguard
