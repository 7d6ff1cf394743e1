// The state that orders bundles: read as written, and strictly.
#include "keystore/bundle/serial.h"

#include <gtest/gtest.h>

#include "tests/unit/base/temp_dir.h"

namespace sifguard {
namespace {

TEST(SerialTest, IsReadAsWritten) {
  const auto state = parse_bundle_state(
      format_bundle_state({std::string(16, 'a'), 7, std::string(16, 'b'), 5}), "x");
  ASSERT_TRUE(state) << state.error().line();
  EXPECT_EQ(state->store, std::string(16, 'a'));
  EXPECT_EQ(state->exported, 7);
  EXPECT_EQ(state->from, std::string(16, 'b'));
  EXPECT_EQ(state->imported, 5);
}

TEST(SerialTest, RemembersWhatTheBundleRevokes) {
  BundleState state{std::string(16, 'a'), 7, "", 5, {"sha256:" + std::string(64, '1')}};
  const auto again = parse_bundle_state(format_bundle_state(state), "x");
  ASSERT_TRUE(again) << again.error().line();
  EXPECT_EQ(again->revoked, state.revoked);
  state.revoked = {"sha256:x"};
  EXPECT_FALSE(parse_bundle_state(format_bundle_state(state), "x"));
}

const std::string kSite(64, '1'), kOther(64, '2'), kStore(16, 'c'), kNewStore(16, 'd');

TEST(SerialTest, SignersAndStoresCountApart) {
  BundleState state;
  EXPECT_EQ(last_taken(state, kSite, kStore), 0);
  EXPECT_TRUE(record_taken(state, {kSite, kStore, 2'208'988'800}));  // in 2040
  EXPECT_EQ(last_taken(state, kSite, kStore), 2'208'988'800);
  EXPECT_EQ(last_taken(state, kOther, kNewStore), 0);
  // Neither a new name nor a new key of the same store takes it back.
  EXPECT_EQ(last_taken(state, kSite, kNewStore), 2'208'988'800);
  EXPECT_EQ(last_taken(state, kOther, kStore), 2'208'988'800);
  EXPECT_TRUE(record_taken(state, {kOther, kNewStore, 7}));
  EXPECT_FALSE(record_taken(state, {kOther, kNewStore, 6}));
  EXPECT_EQ(last_taken(state, kOther, kNewStore), 7);
  state.store = kStore;
  const auto again = parse_bundle_state(format_bundle_state(state), "x");
  ASSERT_TRUE(again) << again.error().line();
  EXPECT_EQ(again->taken.size(), 2U);
  EXPECT_EQ(last_taken(*again, kSite, kStore), 2'208'988'800);
  EXPECT_EQ(last_taken(*again, kOther, kNewStore), 7);
}

TEST(SerialTest, WhatEarlierVersionsWroteCountsForItsStore) {
  const std::string head = R"({"version":1,"store":"0123456789abcdef","exported":4,"from":")";
  const auto state = parse_bundle_state(head + kStore + R"(","imported":9})", "x");
  ASSERT_TRUE(state) << state.error().line();
  EXPECT_EQ(state->exported_at, 4);
  EXPECT_EQ(last_taken(*state, kSite, kStore), 9);
  EXPECT_EQ(last_taken(*state, kSite, kNewStore), 0);
  const auto again = parse_bundle_state(format_bundle_state(*state), "x");
  ASSERT_TRUE(again) << again.error().line();
  EXPECT_EQ(last_taken(*again, kSite, kStore), 9);
  EXPECT_TRUE(parse_bundle_state(head + R"(","imported":0})", "x")->taken.empty());
}

TEST(SerialTest, WhatWasTakenIsReadStrictly) {
  const std::string good = format_bundle_state({kStore, 0, "", 0, {}, {{kSite, kStore, 5}}, 3});
  ASSERT_TRUE(parse_bundle_state(good, "x"));
  const auto with = [&](const std::string& from, const std::string& to) {
    std::string text = good;
    return text.replace(text.find(from), from.size(), to);
  };
  EXPECT_FALSE(parse_bundle_state(with(kSite, "x"), "x"));
  EXPECT_FALSE(parse_bundle_state(with(R"("serial":5)", R"("serial":0)"), "x"));
  EXPECT_FALSE(parse_bundle_state(with(R"("serial":5)", R"("serial":5,"more":1)"), "x"));
  EXPECT_FALSE(parse_bundle_state(with(R"("exported_at":3)", R"("exported_at":-3)"), "x"));
  EXPECT_FALSE(parse_bundle_state(with(R"("version":5)", R"("version":6)"), "x"));
  EXPECT_FALSE(parse_bundle_state(with(R"("version":5)", R"("version":2)"), "x"));
}

TEST(SerialTest, TheLastBundleForEachNodeIsRemembered) {
  BundleState state;
  state.store = kStore;
  EXPECT_TRUE(record_exported(state, {kSite, "CN=b", 5, 50}));
  EXPECT_TRUE(record_exported(state, {kOther, "CN=a", 6, 60}));
  EXPECT_TRUE(record_exported(state, {kSite, "CN=b", 7, 70}));
  EXPECT_FALSE(record_exported(state, {kSite, "CN=b", 7, 80}));
  const auto again = parse_bundle_state(format_bundle_state(state), "x");
  ASSERT_TRUE(again) << again.error().line();
  ASSERT_EQ(again->nodes.size(), 2U);
  EXPECT_LT(again->nodes[0].node, again->nodes[1].node);
  for (const ExportedNode& one : again->nodes) EXPECT_EQ(one.serial, one.node == kSite ? 7 : 6);
}

TEST(SerialTest, OfTooManyNodesTheOldestIsForgotten) {
  BundleState state;
  state.store = kStore;
  const auto name = [](std::size_t i) {
    std::string digits = std::to_string(i);
    return std::string(64 - digits.size(), '0') + digits;
  };
  for (std::size_t i = 0; i <= kMaxExportedNodes; ++i) {
    record_exported(state, {name(i), "", static_cast<std::int64_t>(i) + 1, 0});
  }
  ASSERT_EQ(state.nodes.size(), kMaxExportedNodes);
  EXPECT_EQ(state.nodes.front().node, name(1));
}

TEST(SerialTest, NodesAreReadStrictly) {
  const std::string good =
      format_bundle_state({kStore, 1, "", 0, {}, {}, 3, {{kSite, "CN=n", 1, 3}}});
  ASSERT_TRUE(parse_bundle_state(good, "x"));
  const auto with = [&](const std::string& from, const std::string& to) {
    std::string text = good;
    return text.replace(text.find(from), from.size(), to);
  };
  EXPECT_FALSE(parse_bundle_state(with(kSite, "x"), "x"));
  EXPECT_FALSE(parse_bundle_state(with(R"("serial":1)", R"("serial":0)"), "x"));
  EXPECT_FALSE(parse_bundle_state(with(R"("at":3)", R"("at":-1)"), "x"));
  EXPECT_FALSE(parse_bundle_state(with(R"("at":3)", R"("at":3,"more":1)"), "x"));
  EXPECT_FALSE(parse_bundle_state(with(R"("version":5)", R"("version":3)"), "x"));
}

const std::string kContent(64, 'e');

BundleState imported() {
  BundleState state{kStore, 0, kNewStore, 5};
  state.taken = {{kSite, kNewStore, 5}};
  state.content = kContent;
  return state;
}

TEST(SerialTest, TheBundleThatWasImportedLastIsKnownAgain) {
  const auto again = parse_bundle_state(format_bundle_state(imported()), "x");
  ASSERT_TRUE(again) << again.error().line();
  EXPECT_EQ(again->content, kContent);
  const TakenBundle same{kSite, kNewStore, 5};
  EXPECT_TRUE(is_imported(*again, same, kContent));
  EXPECT_FALSE(is_imported(*again, same, std::string(64, 'f')));
  EXPECT_FALSE(is_imported(*again, same, ""));
  EXPECT_FALSE(is_imported(*again, {kSite, kNewStore, 4}, kContent));
  EXPECT_FALSE(is_imported(*again, {kSite, kStore, 5}, kContent));
}

/// The keystore has its content no more, or has not all of what came since.
TEST(SerialTest, ABundleThatOthersFollowedIsNotTheLast) {
  const TakenBundle same{kSite, kNewStore, 5};
  BundleState later = imported();
  record_taken(later, {kSite, kStore, 6});  // by the same signer
  EXPECT_FALSE(is_imported(later, same, kContent));
  BundleState other = imported();
  record_taken(other, {kOther, kStore, 3});  // by another one, which counts apart
  other.from = kStore;
  other.imported = 3;
  EXPECT_FALSE(is_imported(other, same, kContent));
}

TEST(SerialTest, WhatHasTheSerialAloneKnowsNoBundleAgain) {
  BundleState before = imported();
  before.content.clear();
  EXPECT_FALSE(is_imported(before, {kSite, kNewStore, 5}, ""));
  EXPECT_FALSE(is_imported(before, {kSite, kNewStore, 5}, kContent));
  std::string text = format_bundle_state(before);
  for (const auto& [from, to] :
       {std::pair{R"("version":5)", R"("version":4)"}, std::pair{R"("content":"",)", ""}}) {
    text.replace(text.find(from), std::string(from).size(), to);
  }
  const auto state = parse_bundle_state(text, "x");
  ASSERT_TRUE(state) << state.error().line();
  EXPECT_EQ(last_taken(*state, kSite, kNewStore), 5);
  EXPECT_TRUE(state->content.empty());
}

TEST(SerialTest, TheContentIsReadStrictly) {
  const std::string good = format_bundle_state(imported());
  for (const std::string& bad : {std::string(63, 'e'), std::string(64, 'E'), std::string("x")}) {
    std::string text = good;
    text.replace(text.find(kContent), kContent.size(), bad);
    EXPECT_FALSE(parse_bundle_state(text, "x")) << bad;
  }
  std::string older = good;  // version 4 with what only version 5 has
  older.replace(older.find(R"("version":5)"), 11, R"("version":4)");
  EXPECT_FALSE(parse_bundle_state(older, "x"));
}

TEST(SerialTest, AnythingElseIsRefused) {
  for (const char* text :
       {"", "{}", R"({"version":2,"store":"0123456789abcdef","exported":1,"from":"","imported":0})",
        R"({"version":1,"store":"0123456789ABCDEF","exported":1,"from":"","imported":0})",
        R"({"version":1,"store":"0123456789abcdef","exported":-1,"from":"","imported":0})",
        R"({"version":1,"store":"0123456789abcdef","exported":1,"from":"x","imported":0})",
        R"({"version":1,"store":"0123456789abcdef","exported":1,"from":"","imported":-7})",
        R"({"version":1,"store":"0123456789abcdef","exported":1,"from":""})"}) {
    EXPECT_FALSE(parse_bundle_state(text, "x")) << text;
  }
}

TEST(SerialTest, AKeystoreWithoutOneGetsAName) {
  const test::TempDir dir;
  const Trust me{::geteuid()};
  ASSERT_TRUE(Keystore::init(dir / "store", me));
  const auto keystore = Keystore::open(dir / "store", me);
  ASSERT_TRUE(keystore);
  auto state = read_bundle_state(*keystore);
  ASSERT_TRUE(state);
  EXPECT_EQ(state->store.size(), 16U);
  EXPECT_EQ(state->imported, 0);
  state->imported = 9;
  ASSERT_TRUE(write_bundle_state(*keystore, *state));
  EXPECT_EQ(read_bundle_state(*keystore)->store, state->store);
  EXPECT_EQ(read_bundle_state(*keystore)->imported, 9);
  test::write_file(dir / "store/bundle.json", "{}");
  EXPECT_EQ(read_bundle_state(*keystore).error().code(), Code::config);
}

}  // namespace
}  // namespace sifguard
