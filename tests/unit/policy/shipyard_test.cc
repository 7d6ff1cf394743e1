#include "keystore/policy/shipyard.h"

#include <gtest/gtest.h>

namespace sifguard {
namespace {

const std::string kFingerprint = "000123000123000123000123000123000123ABCD";

std::string config(const std::string& images) {
  return "batch_shipyard:\n  storage_account_settings: mystorage\nglobal_resources:\n"
         "  docker_images: [busybox]\n  singularity_images:\n" +
         images;
}

TEST(Shipyard, ReadsSignedAndUnsignedImages) {
  const auto images = parse_shipyard(config(R"(    unsigned:
      - image: docker://busybox
      - shub://singularityhub/busybox
    signed:
      - image: library://sylabs/tests/signed
        signing_key:
          fingerprint: "0001 2300 0123 0001 2300  0123 0001 2300 0123 abcd"
      - image: oras://myazurecr.azurecr.io/repo/lolcow:0.0.1
        signing_key: {fingerprint: 000123000123000123000123000123000123ABCD, file: keys/pub.asc}
        encryption:
          certificate:
            sha1_thumbprint: D1:cb1fc03d027e843e54a4db3dc7d4b10c120982
)"),
                                     "config.yaml");
  ASSERT_TRUE(images) << images.error().line();
  ASSERT_EQ(images->size(), 4U);
  EXPECT_EQ((*images)[0].image, "docker://busybox");
  EXPECT_FALSE((*images)[0].is_signed);
  EXPECT_EQ((*images)[1].image, "shub://singularityhub/busybox");
  EXPECT_EQ((*images)[2].fingerprint, kFingerprint);
  EXPECT_EQ((*images)[2].line, 10);
  EXPECT_FALSE((*images)[2].key_file);
  EXPECT_FALSE((*images)[2].thumbprint);
  EXPECT_EQ((*images)[3].key_file, "keys/pub.asc");
  EXPECT_EQ((*images)[3].thumbprint, "d1cb1fc03d027e843e54a4db3dc7d4b10c120982");
}

TEST(Shipyard, ReadsAPlainListAsOlderReleasesHaveIt) {
  const auto images = parse_shipyard(
      "global_resources:\n  singularity_images:\n  - shub://singularityhub/busybox\n"
      "  - docker://busybox\n",
      "config.yaml");
  ASSERT_TRUE(images) << images.error().line();
  ASSERT_EQ(images->size(), 2U);
  EXPECT_EQ((*images)[0].image, "shub://singularityhub/busybox");
  EXPECT_EQ((*images)[1].line, 4);
  EXPECT_FALSE((*images)[1].is_signed);
  const auto twice = parse_shipyard(
      "global_resources:\n  singularity_images: [docker://a, docker://a]\n", "config.yaml");
  ASSERT_FALSE(twice);
  EXPECT_NE(twice.error().what().find("'docker://a' is listed twice"), std::string::npos);
  EXPECT_FALSE(parse_shipyard("global_resources:\n  singularity_images: []\n", "config.yaml"));
}

TEST(Shipyard, ASchemeHasNoCaseAndBlanksAreNotOfAName) {
  const auto images = parse_shipyard(
      config("    unsigned: [' Docker://Busybox ', \"\\xA0SHUB://a/b\"]\n    signed:\n"
             "      - {image: 'ORAS://R.example.org/a:1 ', signing_key: {fingerprint: " +
             kFingerprint + "}}\n      - {image: Library://a/b/c, signing_key: {fingerprint: " +
             kFingerprint + "}}\n"),
      "config.yaml");
  ASSERT_TRUE(images) << images.error().line();
  ASSERT_EQ(images->size(), 4U);
  EXPECT_EQ((*images)[0].image, "docker://Busybox");
  EXPECT_EQ((*images)[1].image, "shub://a/b");
  EXPECT_EQ((*images)[2].image, "oras://R.example.org/a:1");
  EXPECT_EQ((*images)[3].image, "library://a/b/c");
}

TEST(Shipyard, OneImageIsOneWhateverItsSpelling) {
  const std::string key = ", signing_key: {fingerprint: " + kFingerprint + "}}\n";
  for (const char* const other :
       {"ORAS://r.example.org/a", "oras://R.example.org/a", "oras://r.example.org:443/a:latest"}) {
    const auto both =
        parse_shipyard(config("    unsigned: [" + std::string(other) +
                              "]\n    signed:\n      - {image: oras://r.example.org/a" + key),
                       "config.yaml");
    ASSERT_FALSE(both) << other;
    EXPECT_NE(both.error().what().find("both signed and unsigned"), std::string::npos);
  }
  EXPECT_TRUE(
      parse_shipyard(config("    unsigned: ['oras://r.example.org/a:1']\n    signed:\n      - "
                            "{image: 'oras://r.example.org/a:2'" +
                            key),
                     "config.yaml"));
}

TEST(Shipyard, HasTheErrorsOfShipyard) {
  const auto refused = [](const std::string& yaml, const std::string& words) {
    const auto images = parse_shipyard(yaml, "config.yaml");
    ASSERT_FALSE(images) << yaml;
    EXPECT_EQ(images.error().code(), Code::config);
    EXPECT_EQ(images.error().what().find("config.yaml:"), 0U) << images.error().what();
    EXPECT_NE(images.error().line().find(words), std::string::npos) << images.error().line();
  };
  const auto is_signed = [](const std::string& entry) {
    return config("    signed:\n      - {" + entry + "}\n");
  };
  const std::string key = "signing_key: {fingerprint: " + kFingerprint + "}";
  refused("a: 1\n", "'global_resources' is missing");
  refused("global_resources: {}\n", "'singularity_images' is missing");
  refused(config("    signed: []\n"), "names no image");
  refused(config("    trusted: []\n"), "trusted");
  refused(is_signed("image: library://a/b/c"), "fingerprint of the signing key is missing");
  refused(is_signed("image: library://a/b/c, signing_key: {file: x}"),
          "fingerprint of the signing key is missing");
  refused(is_signed("image: library://a/b/c, signing_key: {fingerprint: ABCD}"),
          "not a full OpenPGP fingerprint");
  refused(is_signed("image: docker://busybox, " + key), "cannot be a signed image");
  refused(is_signed("image: busybox, " + key), "not an image");
  refused(is_signed("image: 'library://', " + key), "not an image");
  refused(is_signed("image: 'library://a b', " + key), "not an image");
  refused(is_signed(key), "'image' is missing");
  refused(is_signed("image: oras://a/b, more: 1, " + key), "more");
  refused(is_signed("image: oras://a/b, encryption: {certificate: {sha1_thumbprint: 12}}, " + key),
          "not a SHA-1 thumbprint");
  refused(is_signed("image: oras://a/b, encryption: {}, " + key), "'certificate' is missing");
  refused(config("    unsigned:\n      - {image: oras://a/b, " + key + "}\n"), "no signing key");
  refused(
      config("    unsigned: [oras://a/b]\n    signed:\n      - {image: oras://a/b, " + key + "}\n"),
      "both signed and unsigned");
  refused(config("    unsigned: [oras://a/b, oras://a/b]\n"), "listed twice");
}

}  // namespace
}  // namespace sifguard
