// The inside of a bundle: what is written is read again, and nothing that is put together
// otherwise.
#include "keystore/bundle/bundle.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "keystore/base/fd.h"
#include "keystore/bundle/old_payload.h"

namespace sifguard {
namespace {

using ::testing::HasSubstr;

const Manifest kManifest = {std::string(16, 'b'), 7, 5, {std::string(64, 'a')}};
constexpr std::string_view kTwo = "sifguard-bundle 1\na/b.yaml 3\nx\ny\nempty 0\n\n";

TEST(OldPayloadTest, IsRead) {
  const auto files = parse_old_payload(as_bytes(kTwo));
  ASSERT_TRUE(files);
  ASSERT_EQ(files->size(), 2U);
  EXPECT_EQ((*files)[0].name, "a/b.yaml");
  EXPECT_EQ(as_text((*files)[0].content), "x\ny");
  EXPECT_TRUE((*files)[1].content.empty());
  EXPECT_TRUE(parse_old_payload(as_bytes("sifguard-bundle 1\n"))->empty());
}

TEST(OldPayloadTest, EveryPieceOfOneIsRefused) {
  for (std::size_t size = 0; size < kTwo.size(); ++size) {
    const auto files = parse_old_payload(as_bytes(kTwo.substr(0, size)));
    const bool fewer = size == std::string_view("sifguard-bundle 1\n").size() ||
                       size == std::string_view("sifguard-bundle 1\na/b.yaml 3\nx\ny\n").size();
    EXPECT_EQ(files.has_value(), fewer) << size;
  }
}

TEST(OldPayloadTest, OtherFormsAreRefused) {
  for (const char* after :
       {"a 01\nx\n", "a -1\n\n", "a  1\nx\n", "a 1 \nx\n", "a 2\nx\n", "a 0\nx\n", "a 1\nxy\n",
        "a\n", " 1\nx\n", "a b 1\nx\n", "a 18446744073709551616\nx\n",
        "a 18446744073709551615\nx\n", "a 1\nx\na 1\nx\n", "\n", "a 1\nx\n\n"}) {
    const auto files = parse_old_payload(as_bytes(std::string("sifguard-bundle 1\n") + after));
    ASSERT_FALSE(files) << after;
    EXPECT_EQ(files.error().code(), Code::refused);
  }
  EXPECT_FALSE(parse_old_payload({}));
  EXPECT_FALSE(parse_old_payload(as_bytes("sifguard-bundle 2\n")));
}

/// As an older sifctl wrote them.
std::string old_form(const std::vector<ArchiveFile>& files) {
  std::string text = "sifguard-bundle 1\n";
  for (const ArchiveFile& file : files) {
    text += file.name + " " + std::to_string(file.content.size()) + "\n";
    text += std::string(as_text(file.content)) + "\n";
  }
  return text;
}

TEST(BundleTest, IsAnArchiveInWhichSecretsAreTheirOwnersAlone) {
  StoreContent content;
  content.images = "version: 1\ndefault: reject\nimages: []\n";
  const auto payload = encode_bundle(kManifest, content);
  ASSERT_TRUE(payload);
  const auto archive = decode_archive(payload->bytes(), "it");
  ASSERT_TRUE(archive) << archive.error().line();
  EXPECT_EQ(archive->created, kManifest.created);
  ASSERT_NE(archive->find("manifest"), nullptr);
  EXPECT_EQ(archive->find("manifest")->mode, mode_t{0644});
  EXPECT_EQ(as_text(archive->find("images.yaml")->content), content.images);
}

TEST(BundleTest, OfTheOldFormIsReadAndHeldAgainstTheSame) {
  StoreContent content;
  content.images = "version: 1\ndefault: reject\nimages: []\n";
  const auto payload = encode_bundle(kManifest, content);
  ASSERT_TRUE(payload);
  auto files = decode_archive(payload->bytes(), "it")->files;
  const auto bundle = decode_bundle(as_bytes(old_form(files)));
  ASSERT_TRUE(bundle) << bundle.error().line();
  EXPECT_EQ(bundle->manifest.serial, 7);
  EXPECT_EQ(bundle->content.images, content.images);
  files.push_back({"seal.yaml", 0600, {}});
  EXPECT_THAT(decode_bundle(as_bytes(old_form(files))).error().what(), HasSubstr("not known"));
}

TEST(BundleTest, OfAnotherFormIsNone) {
  for (const char* text : {"", "SGARCH2\n", "sifguard-bundle 2\n", "sgarch1\n", "hello"}) {
    const auto bundle = decode_bundle(as_bytes(text));
    ASSERT_FALSE(bundle) << text;
    EXPECT_EQ(bundle.error().code(), Code::refused);
    EXPECT_THAT(bundle.error().what(), HasSubstr("of a later sifguard")) << text;
  }
  EXPECT_THAT(decode_bundle(as_bytes("SGARCH1\n")).error().what(),
              HasSubstr("the bundle is malformed"));
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
