#include "keystore/cli/table.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>
#include <string>
#include <vector>

namespace sifguard {
namespace {

const TableRow kHeader = {"NAME", "FINGERPRINT", "STATE"};
const std::string kDigits = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

std::size_t widest_line(const std::string& text) {
  std::size_t widest = 0;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) widest = std::max(widest, columns_of(line));
  return widest;
}

TEST(FormatTable, AlignsColumnsWithoutBlanksAtTheEnd) {
  EXPECT_EQ(format_table(kHeader, {{"a", "b", "c"}, {"longer", "x"}}, {}),
            "NAME    FINGERPRINT  STATE\n"
            "a       b            c\n"
            "longer  x\n");
}

TEST(FormatTable, IsWholeWhereNoWidthIsGiven) {
  const std::string text = format_table(kHeader, {{"alice", kDigits + kDigits, "active"}}, {});
  EXPECT_NE(text.find(kDigits + kDigits), text.npos);
}

TEST(FormatTable, CutsTheWidestColumnForATerminal) {
  const std::string text = format_table(kHeader, {{"alice", kDigits + kDigits, "active"}}, 80);
  EXPECT_EQ(widest_line(text), 80U);
  EXPECT_NE(text.find("alice  " + kDigits.substr(0, 63) + ".."), text.npos);
}

TEST(FormatTable, LeavesWhatFitsAlone) {
  const std::vector<TableRow> rows = {{"alice", kDigits, "active"}};
  EXPECT_EQ(format_table(kHeader, rows, 200), format_table(kHeader, rows, {}));
  EXPECT_EQ(format_table(kHeader, rows, 5 + 2 + 64 + 2 + 6), format_table(kHeader, rows, {}));
}

TEST(FormatTable, SharesTheRoomAmongSeveralWideColumns) {
  const std::string text = format_table(kHeader, {{kDigits, kDigits, "active"}}, 80);
  EXPECT_EQ(widest_line(text), 80U);
  EXPECT_EQ(text.find(kDigits), text.npos);
  EXPECT_NE(text.find("active"), text.npos);
}

TEST(FormatTable, CutsBetweenCharactersNotInside) {
  std::string wide;
  for (int i = 0; i < 60; ++i) wide += "\xC3\xBC";  // u with two dots
  const std::string text = format_table({"SUBJECT"}, {{wide}}, 20);
  EXPECT_EQ(widest_line(text), 20U);
  EXPECT_NE(text.find(wide.substr(0, 36) + ".."), text.npos);
}

TEST(FormatTable, SentencesGoOnBelowThemselves) {
  const TableRow header = {"SEVERITY", "WHAT, AND WHAT TO DO"};
  const std::vector<TableRow> rows = {{"problem", "the disk is full; remove something"},
                                      {"warning", std::string(30, 'x') + " y"},
                                      {"warning", ""}};
  EXPECT_EQ(format_table(header, rows, 30, Colour::verdicts),
            "SEVERITY  WHAT, AND WHAT TO DO\n"
            "\x1b[31mproblem\x1b[0m   the disk is full;\n"
            "          remove something\n"
            "\x1b[33mwarning\x1b[0m   xxxxxxxxxxxxxxxxxxxx\n"
            "          xxxxxxxxxx y\n"
            "\x1b[33mwarning\x1b[0m\n");
  EXPECT_EQ(format_table(header, rows, {}).find('\n', 31), 31U + 10 + 34 - 1 + 1);
}

TEST(FormatTable, EscapesWhatWouldSteerATerminal) {
  const std::string text = format_table({"NAME"}, {{"a\x1b[31mb\nc"}}, 80);
  EXPECT_EQ(text.find('\x1b'), text.npos);
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 2);
}

TEST(FormatTable, NeverHangsOnATerminalOfNoWidth) {
  const std::string text = format_table(kHeader, {{kDigits, kDigits, kDigits}}, 0);
  EXPECT_EQ(widest_line(text), 3 * 8 + 2 * 2);
}

TEST(FormatTable, ManagesWithoutColumns) {
  EXPECT_EQ(format_table({}, {}, 80), "\n");
}

TEST(FormatTable, ColoursVerdictsAndNothingElse) {
  const std::vector<TableRow> rows = {{"revoked", "x", "revoked (CRL)"}, {"b", "active", "a"}};
  EXPECT_EQ(format_table({"NAME", "LABEL", "STATE"}, rows, {}, Colour::verdicts),
            "NAME     LABEL   STATE\n"
            "revoked  x       \x1b[31mrevoked (CRL)\x1b[0m\n"
            "b        active  a\n");
  EXPECT_EQ(format_table({"NAME", "LABEL", "STATE"}, rows, {}).find('\x1b'), std::string::npos);
}

TEST(FormatTable, ColoursAreNoPartOfTheWidth) {
  const std::string text =
      format_table({"STATE", "N"}, {{"revocation unknown", "1"}}, 14, Colour::verdicts);
  EXPECT_NE(text.find("\x1b[33mrevocatio..\x1b[0m  1\n"), text.npos) << text;
}

TEST(FormatFields, ColoursVerdictsAndNothingElse) {
  EXPECT_EQ(format_fields({{"name", "active"}, {"state", "active"}, {"refused", "revoked"}}, {},
                          Colour::verdicts),
            "name     active\n"
            "state    \x1b[32mactive\x1b[0m\n"
            "\x1b[31mrefused\x1b[0m  revoked\n");
}

TEST(FormatFields, LeavesOutWhatHasNoValue) {
  EXPECT_EQ(format_fields({{"name", "x"}, {"nothing", ""}, {"state", "a\nb"}}, {}),
            "name   x\nstate  a\\x0ab\n");
}

TEST(FormatFields, ValuesGoOnBelowThemselvesOnATerminal) {
  EXPECT_EQ(format_fields({{"checks", "owner store keys audit"}, {"name", "x y"}}, 20),
            "checks  owner store\n"
            "        keys audit\n"
            "name    x y\n");
}

TEST(FormatFields, AreWholeWhereNoWidthIsGiven) {
  const std::string words = kDigits + " " + kDigits + " " + kDigits;
  EXPECT_EQ(format_fields({{"names", words}}, {}), "names  " + words + "\n");
}

TEST(FormatFields, BreakNothingThatIsCopied) {
  EXPECT_EQ(format_fields({{"id", kDigits}, {"ids", "a " + kDigits + " b c"}}, 20),
            "id   " + kDigits + "\nids  a\n     " + kDigits + "\n     b c\n");
}

TEST(FormatFields, NeverHangOnATerminalOfNoWidth) {
  EXPECT_EQ(format_fields({{"a name", " x  y "}, {"b", "one two three"}}, 0),
            "a name   x  y \nb       one two\n        three\n");
}

}  // namespace
}  // namespace sifguard
