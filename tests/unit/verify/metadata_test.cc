// Statements: strict parsing, and digests against those of the vectors and of OpenSSL.
#include "helper/verify/sandbox/metadata.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "keystore/base/text.h"
#include "tests/unit/verify/signing.h"

namespace sifguard {
namespace {

using ::testing::HasSubstr;

const std::string kA(64, 'a');
const std::string kSha256 = "\"sha256:" + kA + "\"";

std::string entry(const std::string& id = "0", const std::string& descriptor = kSha256,
                  const std::string& object = kSha256) {
  return "{\"relativeId\":" + id + ",\"descriptorDigest\":" + descriptor +
         ",\"objectDigest\":" + object + "}";
}

std::string statement(const std::string& objects = entry(), const std::string& version = "1",
                      const std::string& header = "{\"digest\":" + kSha256 + "}") {
  return "{\"version\":" + version + ",\"header\":" + header + ",\"objects\":[" + objects + "]}";
}

TEST(ParseStatement, TakesTheFormThatGoWrites) {
  const auto parsed = parse_statement(statement(entry() + "," + entry("7")));
  ASSERT_TRUE(parsed) << parsed.error().line();
  ASSERT_EQ(parsed->objects.size(), 2U);
  EXPECT_EQ(parsed->objects[1].relative_id, 7U);
  EXPECT_EQ(parsed->header.algorithm, DigestAlgorithm::sha256);
  EXPECT_EQ(to_hex(parsed->objects[0].object.value), kA);
}

TEST(ParseStatement, TakesSha384AndSha512OfTheirOwnLength) {
  const std::string sha384 = "\"sha384:" + std::string(96, '0') + "\"";
  const std::string sha512 = "\"sha512:" + std::string(128, 'f') + "\"";
  const auto parsed = parse_statement(statement(entry("0", sha384, sha512)));
  ASSERT_TRUE(parsed) << parsed.error().line();
  EXPECT_EQ(parsed->objects[0].descriptor.algorithm, DigestAlgorithm::sha384);
  EXPECT_EQ(parsed->objects[0].object.algorithm, DigestAlgorithm::sha512);
}

TEST(ParseStatement, CallsOtherAlgorithmsWeak) {
  for (const char* const weak :
       {"\"sha1:da39a3ee5e6b4b0d3255bfef95601890afd80709\"", "\"sha224:00\"", "\"md5:00\"",
        "\"SHA256:00\"", "\"sha512/256:00\"", "\"sha512-256:00\"", "\":00\"", "\"blake2b:00\""}) {
    for (const std::string& text :
         {statement(entry("0", weak)), statement(entry("0", kSha256, weak)),
          statement(entry(), "1", std::string("{\"digest\":") + weak + "}")}) {
      const auto parsed = parse_statement(text);
      ASSERT_FALSE(parsed) << text;
      EXPECT_EQ(parsed.error().code(), Code::denied) << text;
    }
  }
}

TEST(ParseStatement, RefusesEverythingElse) {
  const std::string digest = "{\"digest\":" + kSha256 + "}";
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"", "not a JSON object"},
      {"{}", "field 'version' is missing"},
      {statement(entry(), "2"), "version is not 1"},
      {statement(entry(), "0"), "version is not 1"},
      {statement(entry(), "1.0"), "'version' has the wrong type"},
      {statement(entry(), "1e0"), "'version' has the wrong type"},
      {statement(entry(), "\"1\""), "'version' has the wrong type"},
      {statement(entry(), "true"), "'version' has the wrong type"},
      {statement(entry(), "-1"), "'version' has the wrong type"},
      {statement(entry(), "18446744073709551617"), "'version' has the wrong type"},
      {statement(""), "names no objects"},
      {statement(entry() + "," + entry()), "names the relative id 0 twice"},
      {statement(entry("-0")), "'relativeId' has the wrong type"},
      {statement(entry("-1")), "'relativeId' has the wrong type"},
      {statement(entry("0.0")), "'relativeId' has the wrong type"},
      {statement(entry("4294967296")), "'relativeId' is too large"},
      {statement(entry("\"0\"")), "'relativeId' has the wrong type"},
      {statement(entry("null")), "'relativeId' has the wrong type"},
      {statement(entry("0", "null")), "'descriptorDigest' has the wrong type"},
      {statement(entry("0", kSha256, "[]")), "'objectDigest' has the wrong type"},
      {statement(entry("0", "\"" + kA + "\"")), "ALGORITHM:DIGITS"},
      {statement(entry("0", "\"\"")), "ALGORITHM:DIGITS"},
      {statement(entry("0", "\"sha256:\"")), "not 64 lower-case"},
      {statement(entry("0", "\"sha256:" + kA + "a\"")), "not 64 lower-case"},
      {statement(entry("0", "\"sha256:" + kA.substr(1) + "\"")), "not 64 lower-case"},
      {statement(entry("0", "\"sha256:" + kA.substr(2) + "\"")), "not 64 lower-case"},
      {statement(entry("0", "\"sha256:" + kA + "aa\"")), "not 64 lower-case"},
      {statement(entry("0", "\"sha256:" + std::string(64, 'A') + "\"")), "not 64 lower-case"},
      {statement(entry("0", "\"sha256:" + std::string(64, 'g') + "\"")), "not 64 lower-case"},
      {statement(entry("0", "\"sha256: " + kA.substr(1) + "\"")), "not 64 lower-case"},
      {statement(entry("0", "\"sha512:" + kA + "\"")), "not 128 lower-case"},
      {statement(entry(), "1", "[]"), "'header' has the wrong type"},
      {statement(entry(), "1", "{}"), "header: field 'digest' is missing"},
      {statement(entry(), "1", "{\"digest\":" + kSha256 + ",\"x\":1}"),
       "header: unknown field 'x'"},
      {"{\"version\":1,\"header\":" + digest + ",\"objects\":{}}", "'objects' has the wrong type"},
      {"{\"version\":1,\"header\":" + digest + ",\"objects\":[1]}", "objects: 1: not an object"},
      {"{\"Version\":1,\"header\":" + digest + ",\"objects\":[" + entry() + "]}",
       "field 'version' is missing"},
      {"{\"version\":1,\"header\":" + digest + ",\"Objects\":[],\"objects\":[" + entry() + "]}",
       "unknown field 'Objects'"},
      {"{\"version\":1,\"version\":1,\"header\":" + digest + ",\"objects\":[" + entry() + "]}",
       "'version' is repeated"},
      {"{\"version\":1,\"header\":" + digest + ",\"objects\":[" + entry() + "],\"objects\":[" +
           entry() + "]}",
       "'objects' is repeated"},
      {statement("{\"relativeId\":0,\"relativeId\":0,\"descriptorDigest\":" + kSha256 +
                 ",\"objectDigest\":" + kSha256 + "}"),
       "'relativeId' is repeated"},
      {statement("{\"relativeID\":0,\"descriptorDigest\":" + kSha256 +
                 ",\"objectDigest\":" + kSha256 + "}"),
       "field 'relativeId' is missing"},
      {"{\"vers\\u0069on\":1,\"header\":" + digest + ",\"objects\":[" + entry() + "]}",
       "plain ASCII"},
      {statement() + "\n", "plain ASCII"},
      {"\xef\xbb\xbf" + statement(), "plain ASCII"},
      {statement() + statement(), "not JSON"},
      {statement(entry("0", "\"sha256:" + kA + std::string("\0", 1) + "\"")), "plain ASCII"},
  };
  for (const auto& [text, complaint] : cases) {
    const auto parsed = parse_statement(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().code(), Code::refused) << text;
    EXPECT_THAT(parsed.error().what(), HasSubstr(complaint)) << text;
  }
}

TEST(ParseStatement, RefusesEveryTruncation) {
  const std::string text = statement();
  for (std::size_t size = 0; size < text.size(); ++size) {
    EXPECT_FALSE(parse_statement(text.substr(0, size))) << size;
  }
}

std::string shown(const Digest& digest) {
  return to_hex(digest.value);
}

TEST(Digests, AreThoseInTheSignedVector) {
  const std::string bytes = test::vector_image("one-group-signed-pgp");
  SG_NEED_VECTOR(bytes);
  const auto image = sif::read_image(test::file_of(bytes).get());
  ASSERT_TRUE(image);
  EXPECT_EQ(shown(*header_digest(image->header, DigestAlgorithm::sha256)),
            "635fa0a14a8ef0c0351ed3e985799ed1d4f75ce973dea3cc76c99710795cc3f1");
  EXPECT_EQ(shown(*descriptor_digest(image->objects[0], 0, DigestAlgorithm::sha256)),
            "3634ad01db0dd5482ecf685267b53d6201690438ca27c3d7ea91c971a1f41f92");
  EXPECT_EQ(shown(*descriptor_digest(image->objects[1], 1, DigestAlgorithm::sha256)),
            "04b5f87c9692a54f80d10fb6af00c779763aeca29d610348854bd97cd8bf66fd");
}

TEST(Digests, DependOnEveryCoveredByteOfADescriptorAndOnNoOther) {
  const std::string bytes = test::plain_image().build();
  const auto image = sif::read_image(test::file_of(bytes).get());
  ASSERT_TRUE(image);
  const auto original = descriptor_digest(image->objects[1], 1, DigestAlgorithm::sha512);
  const auto uncovered = [](std::size_t i) {  // id, group, offset, padded size, mtime
    return (i >= 5 && i < 13) || (i >= 17 && i < 25) || (i >= 33 && i < 41) || (i >= 49 && i < 57);
  };
  for (std::size_t i = 0; i < sif::kDescriptorSize; ++i) {
    sif::Descriptor changed = image->objects[1];
    changed.raw[i] ^= std::byte{0x80};
    const auto digest = descriptor_digest(changed, 1, DigestAlgorithm::sha512);
    EXPECT_EQ(*digest == *original, uncovered(i)) << "byte " << i;
  }
  EXPECT_NE(*descriptor_digest(image->objects[1], 2, DigestAlgorithm::sha512), *original);
}

TEST(Digests, DependOnLaunchScriptMagicVersionAndUuidAlone) {
  const std::string bytes = test::plain_image().build();
  const auto image = sif::read_image(test::file_of(bytes).get());
  ASSERT_TRUE(image);
  const auto original = header_digest(image->header, DigestAlgorithm::sha256);
  for (std::size_t i = 0; i < sif::kHeaderSize; ++i) {
    sif::RawHeader changed = image->header;
    changed[i] ^= std::byte{1};
    const bool uncovered = (i >= 45 && i < 48) || i >= 64;
    EXPECT_EQ(*header_digest(changed, DigestAlgorithm::sha256) == *original, uncovered) << i;
  }
}

}  // namespace
}  // namespace sifguard
