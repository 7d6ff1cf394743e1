// One line of the chain: what is written is read again, and nothing else is.
#include "keystore/audit/log_chain.h"

#include <gtest/gtest.h>

namespace sifguard {
namespace {

constexpr const char* kBody = R"({"time":"x","image":"\",\"hash\":\"0\"}"})";

TEST(ChainTest, ALineNamesTheOneBeforeAndIsReadAgain) {
  const auto first = link_line(kBody, {}, "");
  ASSERT_TRUE(first);
  EXPECT_EQ(first->point.seq, 1U);
  const auto second = link_line(kBody, first->point, std::string(64, 'a'));
  ASSERT_TRUE(second);
  const auto parsed = parse_chain_line(second->text);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->point, second->point);
  EXPECT_EQ(parsed->prev, first->point.hash);
  EXPECT_EQ(parsed->torn, std::string(64, 'a'));
  EXPECT_EQ(parse_chain_line(first->text)->torn, "");
  EXPECT_TRUE(*is_unedited(first->text));
  EXPECT_TRUE(*is_unedited(second->text));
}

TEST(ChainTest, TheHashIsThatOfOtherTools) {
  // printf '{"a":1,"seq":1,"prev":"%064d"' 0 | sha256sum
  const auto line = link_line(R"({"a":1})", {}, "");
  ASSERT_TRUE(line);
  EXPECT_EQ(line->text,
            R"({"a":1,"seq":1,"prev":")" + std::string(64, '0') +
                R"(","hash":"26137300d696d0ede40738c59a9e2053849aa8efc2e5322008d42d4148dd48a4"})");
}

TEST(ChainTest, EveryByteCounts) {
  const auto line = link_line(kBody, {7, std::string(64, 'b')}, "");
  ASSERT_TRUE(line);
  for (std::size_t at = 0; at < line->text.size(); ++at) {
    for (const int bit : {1, 4, 32}) {
      std::string other = line->text;
      other[at] = static_cast<char>(other[at] ^ bit);
      const auto parsed = parse_chain_line(other);
      EXPECT_TRUE(!parsed || !*is_unedited(other) || parsed->point.hash != line->point.hash) << at;
    }
    EXPECT_FALSE(*is_unedited(line->text.substr(0, at)));
  }
}

TEST(ChainTest, OtherFormsAreNoLines) {
  const std::string hash(64, 'a');
  const std::string end = R"(,"prev":")" + hash + R"(","hash":")" + hash + "\"}";
  EXPECT_TRUE(parse_chain_line(R"({"a":1,"seq":1)" + end));
  for (const std::string& bad :
       {std::string(), std::string("{}"), std::string("half a li"), R"({"a":1,"seq":0)" + end,
        R"({"a":1,"seq":01)" + end, R"({"a":1,"seq":-1)" + end, R"({"a":1,"seq":)" + end,
        R"({"a":1,"seq":99999999999999999999)" + end, R"({"a":1)" + end, R"("a":1,"seq":1)" + end,
        R"({"a":1,"seq":1)" + end + " ",
        R"({"a":1,"seq":1,"prev":"A)" + hash.substr(1) + R"(","hash":")" + hash + "\"}",
        R"({"a":1,"seq":1,"prev":")" + hash + R"(","hash":")" + hash.substr(1) + "\"}"}) {
    EXPECT_FALSE(parse_chain_line(bad)) << bad;
  }
  EXPECT_FALSE(link_line("", {}, ""));
  EXPECT_FALSE(link_line("{}", {}, ""));
  EXPECT_FALSE(link_line("[1,2]", {}, ""));
}

}  // namespace
}  // namespace sifguard
