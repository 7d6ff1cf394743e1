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
  test::write_file(dir / "store/bundle.yaml", "{}");
  EXPECT_EQ(read_bundle_state(*keystore).error().code(), Code::config);
}

}  // namespace
}  // namespace sifguard
