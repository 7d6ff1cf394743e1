// Break-glass grants: kept for their time, read strictly.
#include "keystore/store/break_glass.h"

#include <time.h>

#include "tests/unit/store/store_fixture.h"

namespace sifguard {
namespace {

class BreakGlassTest : public test::StoreFixture {
 protected:
  static BreakGlassGrant wanted() {
    const std::int64_t now = ::time(nullptr);
    return {{}, "cow", "alice", now, now + 3600, "incident 4711", "root", std::string(64, 'c')};
  }
};

TEST_F(BreakGlassTest, AreAddedListedAndEnded) {
  EXPECT_TRUE(break_glass_grants(*store_)->empty());
  const auto one = add_grant(*store_, wanted());
  ASSERT_TRUE(one) << one.error().line();
  EXPECT_EQ(one->id.size(), 19U);
  const auto two = add_grant(*store_, wanted());
  ASSERT_TRUE(two);
  EXPECT_NE(one->id, two->id);
  EXPECT_EQ(break_glass_grants(*store_)->size(), 2U);
  const auto ended = end_grant(*store_, one->id);
  ASSERT_TRUE(ended);
  EXPECT_EQ(ended->reason, "incident 4711");
  ASSERT_EQ(break_glass_grants(*store_)->size(), 1U);
  EXPECT_EQ(break_glass_grants(*store_)->front().id, two->id);
  EXPECT_EQ(end_grant(*store_, one->id).error().code(), Code::absent);
}

TEST_F(BreakGlassTest, WhatHasEndedGoesWithTheNext) {
  test::write_file(
      path() + "/breakglass.json",
      R"({"version":1,"grants":[{"id":"bg-0123456789abcdef","binding":"cow","user":"alice","since":1,"until":3601,"reason":"x","by":"root"}]})");
  EXPECT_EQ(break_glass_grants(*store_)->size(), 1U);
  ASSERT_TRUE(add_grant(*store_, wanted()));
  ASSERT_EQ(break_glass_grants(*store_)->size(), 1U);
  EXPECT_EQ(break_glass_grants(*store_)->front().reason, "incident 4711");
}

TEST_F(BreakGlassTest, OthersAreNotTaken) {
  auto bad = [this](auto change) {
    BreakGlassGrant grant = wanted();
    change(grant);
    const auto added = add_grant(*store_, grant);
    EXPECT_FALSE(added);
    EXPECT_EQ(added ? Code::internal : added.error().code(), Code::usage);
  };
  bad([](auto& g) { g.until = g.since + 24 * 3600 + 1; });
  bad([](auto& g) { g.until = g.since; });
  bad([](auto& g) { g.since = 0; });
  bad([](auto& g) { g.binding = "a b"; });
  bad([](auto& g) { g.user.clear(); });
  bad([](auto& g) { g.user = "a\nb"; });
  bad([](auto& g) { g.reason.clear(); });
  bad([](auto& g) { g.reason = std::string(501, 'x'); });
  bad([](auto& g) { g.reason = "a\nb"; });
  EXPECT_TRUE(break_glass_grants(*store_)->empty());
}

TEST_F(BreakGlassTest, AFileThatIsMalformedOrNotTrustedIsRefused) {
  const std::string good =
      R"({"id":"bg-0123456789abcdef","binding":"cow","user":"alice","since":1,"until":3601,"reason":"x","by":"root"})";
  const auto parse = [](const std::string& grants, const std::string& version = "1") {
    return parse_grants(R"({"version":)" + version + R"(,"grants":[)" + grants + "]}", "x");
  };
  // Version 1 had no conditions, and 2 has them always.
  ASSERT_TRUE(parse(good));
  EXPECT_EQ(parse(good)->front().conditions, "");
  EXPECT_FALSE(parse(good, "2"));
  EXPECT_FALSE(parse(good, "3"));
  const auto with = [&](const std::string& conditions) {
    return good.substr(0, good.size() - 1) + R"(,"conditions":")" + conditions + "\"}";
  };
  EXPECT_FALSE(parse(with(std::string(64, 'c'))));
  ASSERT_TRUE(parse(with(std::string(64, 'c')), "2"));
  EXPECT_EQ(parse(with(std::string(64, 'c')), "2")->front().conditions, std::string(64, 'c'));
  EXPECT_FALSE(parse(with(std::string(63, 'c')), "2"));
  EXPECT_FALSE(parse(with(std::string(64, 'C')), "2"));
  for (const auto& [from, to] : std::vector<std::pair<std::string, std::string>>{
           {"bg-0", "bg-x"},
           {"3601", "99999"},
           {"\"x\"", "\"\""},
           {"\"since\":1", "\"since\":-1"},
           {"\"by\":\"root\"", "\"by\":\"root\",\"more\":1"},
           {"alice", "a\\nb"}}) {
    std::string text = good;
    EXPECT_FALSE(parse(text.replace(text.find(from), from.size(), to))) << text;
  }
  test::write_file(path() + "/breakglass.json", "{}");
  EXPECT_EQ(break_glass_grants(*store_).error().code(), Code::config);
  EXPECT_FALSE(add_grant(*store_, wanted()));
}

}  // namespace
}  // namespace sifguard
