// What the check of the chain sees: every way to remove, edit, move and put in lines.
#include "keystore/audit/chain_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstddef>

namespace sifguard {
namespace {

using ::testing::HasSubstr;
using Lines = std::vector<std::string>;

Lines chain(std::size_t count, ChainPoint last = {}) {
  Lines lines;
  for (std::size_t i = 0; i < count; ++i) {
    const auto line = link_line(R"({"event":")" + std::to_string(i) + "\"}", last, "");
    lines.push_back(line->text);
    last = line->point;
  }
  return lines;
}

ChainPoint point_of(const std::string& line) {
  return parse_chain_line(line)->point;
}

ChainReport check(const std::vector<Lines>& files, std::optional<ChainPoint> head = {}) {
  ChainCheck check(std::move(head));
  char name = 'a';
  for (const Lines& file : files) {
    check.begin_file(std::string(1, name++));
    for (const std::string& line : file) EXPECT_TRUE(check.add_line(line, true));
  }
  return *check.finish();
}

/// "a:3: what" of the only finding.
std::string finding(const ChainReport& report) {
  if (report.wrong.size() != 1) return std::to_string(report.wrong.size()) + " findings";
  const ChainFinding& one = report.wrong.front();
  return one.file + ":" + std::to_string(one.line) + ": " + one.what;
}

TEST(ChainCheckTest, AWholeChainInOneFileOrSeveral) {
  const Lines lines = chain(5);
  for (const auto& files :
       {std::vector<Lines>{lines}, {{lines[0], lines[1]}, {}, {lines[2], lines[3], lines[4]}}}) {
    const auto report = check(files, point_of(lines[4]));
    EXPECT_TRUE(report.wrong.empty()) << finding(report);
    EXPECT_EQ(report.records, 5U);
    EXPECT_EQ(report.first, 1U);
    EXPECT_EQ(report.last, point_of(lines[4]));
  }
  // The oldest files are gone; the head is behind by what was appended since.
  EXPECT_TRUE(check({{lines[2], lines[3], lines[4]}}, point_of(lines[3])).wrong.empty());
  EXPECT_TRUE(check({{}}).wrong.empty());
  EXPECT_TRUE(check({{}}, ChainPoint{}).wrong.empty());
}

TEST(ChainCheckTest, ALineThatIsGone) {
  for (std::size_t gone = 1; gone < 4; ++gone) {
    Lines lines = chain(5);
    lines.erase(lines.begin() + static_cast<std::ptrdiff_t>(gone));
    EXPECT_EQ(finding(check({lines})), "a:" + std::to_string(gone + 1) + ": record " +
                                           std::to_string(gone + 1) + " is missing between line " +
                                           std::to_string(gone) + " and this one");
  }
  const Lines lines = chain(9);
  EXPECT_THAT(finding(check({{lines[0]}, {lines[5], lines[6]}})),
              HasSubstr("b:1: records 2 to 5 are missing between the last record of a (line 1)"));
}

TEST(ChainCheckTest, TheEndThatIsGone) {
  const Lines lines = chain(5);
  const auto head = point_of(lines[4]);
  EXPECT_THAT(finding(check({{lines[0], lines[1]}}, head)),
              HasSubstr("a:0: records 3 to 5 are missing at the end"));
  EXPECT_THAT(finding(check({{}}, head)), HasSubstr("record 5 is missing at the end"));
  Lines other = chain(4);
  other.push_back(link_line(R"({"event":"other"})", point_of(lines[3]), "")->text);
  EXPECT_THAT(finding(check({other}, head)), HasSubstr("record 5 is not the one that the log's"));
}

TEST(ChainCheckTest, AnEditedLine) {
  for (std::size_t at = 0; at < 5; ++at) {
    Lines lines = chain(5);
    lines[at][10] = 'X';
    EXPECT_EQ(finding(check({lines})), "a:" + std::to_string(at + 1) +
                                           ": this record was edited: its content is not what its "
                                           "hash says");
  }
  Lines lines = chain(5);  // with a hash that fits
  lines[2] = link_line(R"({"event":"forged"})", point_of(lines[1]), "")->text;
  EXPECT_THAT(finding(check({lines})), HasSubstr("a:4: this record was written after another"));
  lines = chain(3);
  lines[1] = "";
  EXPECT_EQ(check({lines}).wrong.size(), 2U);  // no record; and one is missing
  lines[1] = "garbage";
  EXPECT_EQ(check({lines}).wrong.front().what, "this is not a record of the log");
}

TEST(ChainCheckTest, LinesInAnotherOrder) {
  Lines lines = chain(5);
  std::swap(lines[1], lines[2]);
  EXPECT_FALSE(check({lines}).wrong.empty());
  lines = chain(5);
  lines.push_back(lines[3]);
  EXPECT_THAT(finding(check({lines})),
              HasSubstr("a:6: record 4 stands after record 5, line 5: moved, repeated or put in"));
  lines = chain(5);
  EXPECT_FALSE(check({{lines[3], lines[4]}, {lines[0], lines[1], lines[2]}}).wrong.empty());
}

TEST(ChainCheckTest, AnotherChain) {
  Lines lines = chain(3);
  const Lines others = chain(3, {3, std::string(64, 'b')});
  lines.insert(lines.end(), others.begin(), others.end());
  EXPECT_THAT(finding(check({lines})), HasSubstr("a:4: this record was written after another"));
  EXPECT_THAT(finding(check({{link_line(R"({"a":1})", {0, std::string(64, 'c')}, "")->text}})),
              HasSubstr("the first record of all names one before it"));
}

TEST(ChainCheckTest, WhatACrashLeavesIsNoted) {
  Lines lines = chain(2);
  const std::string piece = R"({"event":"tor)";
  const auto next = link_line(R"({"event":"n"})", point_of(lines[1]), *chain_hash(piece));
  lines.push_back(piece);
  lines.push_back(next->text);
  auto report = check({lines});
  EXPECT_TRUE(report.wrong.empty()) << finding(report);
  ASSERT_EQ(report.notes.size(), 1U);
  EXPECT_EQ(report.notes[0].line, 3U);
  lines[2] += "x";  // another piece than the one that was there
  EXPECT_FALSE(check({lines}).wrong.empty());
  lines.erase(lines.begin() + 2);  // harmless: it was no record
  EXPECT_TRUE(check({lines}).wrong.empty());

  ChainCheck end(std::nullopt);
  end.begin_file("a");
  ASSERT_TRUE(end.add_line(chain(1)[0], true));
  ASSERT_TRUE(end.add_line("{\"ev", false));
  report = *end.finish();
  EXPECT_TRUE(report.wrong.empty());
  EXPECT_EQ(report.notes.size(), 1U);
}

}  // namespace
}  // namespace sifguard
