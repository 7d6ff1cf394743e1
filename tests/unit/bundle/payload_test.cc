// The inside of a bundle: what is written is read again, and nothing that is put together
// otherwise.
#include "keystore/bundle/payload.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "keystore/base/fd.h"
#include "keystore/bundle/bundle.h"

namespace sifguard {
namespace {

using ::testing::HasSubstr;

const Manifest kManifest = {std::string(16, 'b'), 7, 5, {std::string(64, 'a')}};
constexpr std::string_view kTwo = "sifguard-bundle 1\na/b.yaml 3\nx\ny\nempty 0\n\n";

TEST(PayloadTest, IsReadAsWritten) {
  const auto payload = format_payload({{"a/b.yaml", as_bytes("x\ny")}, {"empty", {}}});
  ASSERT_TRUE(payload) << payload.error().line();
  EXPECT_EQ(as_text(payload->bytes()), kTwo);
  const auto files = parse_payload(payload->bytes());
  ASSERT_TRUE(files);
  ASSERT_EQ(files->size(), 2U);
  EXPECT_EQ((*files)[0].name, "a/b.yaml");
  EXPECT_EQ(as_text((*files)[0].content), "x\ny");
  EXPECT_TRUE((*files)[1].content.empty());
  EXPECT_TRUE(parse_payload(as_bytes("sifguard-bundle 1\n"))->empty());
}

TEST(PayloadTest, WritesNothingThatCouldNotBeReadAgain) {
  for (const char* name : {"", "a b", "a\n", "\xC3\xA9"}) {
    EXPECT_FALSE(format_payload({{name, {}}})) << name;
  }
  EXPECT_FALSE(format_payload({{std::string(201, 'a'), {}}}));
  EXPECT_FALSE(format_payload({{"a", {}}, {"a", {}}}));
}

TEST(PayloadTest, EveryPieceOfOneIsRefused) {
  for (std::size_t size = 0; size < kTwo.size(); ++size) {
    const auto files = parse_payload(as_bytes(kTwo.substr(0, size)));
    const bool fewer = size == std::string_view("sifguard-bundle 1\n").size() ||
                       size == std::string_view("sifguard-bundle 1\na/b.yaml 3\nx\ny\n").size();
    EXPECT_EQ(files.has_value(), fewer) << size;
  }
}

TEST(PayloadTest, OtherFormsAreRefused) {
  for (const char* after :
       {"a 01\nx\n", "a -1\n\n", "a  1\nx\n", "a 1 \nx\n", "a 2\nx\n", "a 0\nx\n", "a 1\nxy\n",
        "a\n", " 1\nx\n", "a b 1\nx\n", "a 18446744073709551616\nx\n",
        "a 18446744073709551615\nx\n", "a 1\nx\na 1\nx\n", "\n", "a 1\nx\n\n"}) {
    const auto files = parse_payload(as_bytes(std::string("sifguard-bundle 1\n") + after));
    ASSERT_FALSE(files) << after;
    EXPECT_EQ(files.error().code(), Code::refused);
  }
  EXPECT_FALSE(parse_payload({}));
  EXPECT_THAT(parse_payload(as_bytes("sifguard-bundle 2\n")).error().what(),
              HasSubstr("of a later sifguard"));
}

TEST(BundleTest, AnEmptyStoreIsReadAsWritten) {
  StoreContent content;
  content.images = "version: 1\ndefault: reject\nimages: []\n";
  content.trust.emplace_back(TrustKind::crl, TrustItem{std::string(64, 'a'), "text"});
  const auto payload = encode_bundle(kManifest, content);
  ASSERT_TRUE(payload) << payload.error().line();
  const auto bundle = decode_bundle(payload->bytes());
  ASSERT_TRUE(bundle) << bundle.error().line();
  EXPECT_EQ(bundle->manifest.serial, 7);
  EXPECT_EQ(bundle->manifest.created, 5);
  EXPECT_EQ(bundle->manifest.recipients, kManifest.recipients);
  EXPECT_EQ(bundle->content.images, content.images);
  ASSERT_EQ(bundle->content.trust.size(), 1U);
  EXPECT_EQ(bundle->content.trust[0].first, TrustKind::crl);
  EXPECT_EQ(bundle->content.trust[0].second.text, "text");
  content.images = "half: [";
  const auto bad = encode_bundle(kManifest, content);
  ASSERT_TRUE(bad);
  EXPECT_EQ(decode_bundle(bad->bytes()).error().code(), Code::refused);
}

TEST(BundleTest, WritesAndReadsTheRecipientsOfALargeClusterAndNoOthers) {
  StoreContent content;
  content.images = "version: 1\ndefault: reject\nimages: []\n";
  Manifest manifest = kManifest;
  manifest.recipients.assign(kMaxRecipients, std::string(64, 'b'));
  const auto large = encode_bundle(manifest, content);
  ASSERT_TRUE(large);
  const auto bundle = decode_bundle(large->bytes());
  ASSERT_TRUE(bundle) << bundle.error().line();
  EXPECT_EQ(bundle->manifest.recipients, manifest.recipients);
  manifest.recipients.emplace_back(64, 'b');
  EXPECT_FALSE(encode_bundle(manifest, content));
  for (const auto& wrong : {std::vector<std::string>{},
                            {std::string(63, 'a')},
                            {""},
                            {std::string(64, 'a'), std::string(64, 'A')}}) {
    manifest.recipients = wrong;
    const auto written = encode_bundle(manifest, content);
    ASSERT_TRUE(written);
    EXPECT_FALSE(decode_bundle(written->bytes())) << wrong.size();
  }
}

}  // namespace
}  // namespace sifguard
