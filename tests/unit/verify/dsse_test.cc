// Envelopes: those that sylabs/sif writes, and ones that break a single rule.
#include "helper/verify/sandbox/dsse.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "helper/verify/wire/report.h"
#include "tests/unit/verify/signing.h"

namespace sifguard {
namespace {

using ::testing::HasSubstr;

const std::string kType = "application/vnd.sylabs.sif-metadata+json";

std::string signature(const std::string& sig = "c2ln", const std::string& keyid = "SHA256:a/+b") {
  return R"({"keyid":")" + keyid + R"(","sig":")" + sig + R"("})";
}

std::string envelope(const std::string& signatures = signature(),
                     const std::string& payload = "\"aGVsbG8=\"",
                     const std::string& type = "\"" + kType + "\"") {
  return R"({"payloadType":)" + type + R"(,"payload":)" + payload + R"(,"signatures":[)" +
         signatures + "]}";
}

TEST(ParseDsse, TakesAnEnvelopeApart) {
  const auto parsed = parse_dsse(envelope(signature() + "," + signature("AAECAw==", "")));
  ASSERT_TRUE(parsed) << parsed.error().line();
  EXPECT_EQ(parsed->statement, "hello");
  EXPECT_EQ(parsed->signed_text, "DSSEv1 40 " + kType + " 5 hello");
  ASSERT_EQ(parsed->signatures.size(), 2U);
  EXPECT_EQ(parsed->signatures[0].signature, "sig");
  EXPECT_EQ(parsed->signatures[0].key_hint, "SHA256:a/+b");
  EXPECT_EQ(parsed->signatures[1].signature, std::string("\0\1\2\3", 4));
  EXPECT_EQ(parsed->signatures[1].key_hint, "");
}

TEST(ParseDsse, NeedsNoKeyidAndMindsNoBlanks) {
  const auto parsed = parse_dsse(
      "{ \"signatures\" : [\r\n\t{\"sig\": \"c2ln\"} ],\n\"payload\":"
      "\"aGVsbG8=\", \"payloadType\":\"" +
      kType + "\" }");
  ASSERT_TRUE(parsed) << parsed.error().line();
  EXPECT_EQ(parsed->signatures[0].key_hint, "");
}

TEST(ParseDsse, TakesTheVector) {
  const std::string image = test::vector_image("one-group-signed-dsse");
  SG_NEED_VECTOR(image);
  const auto offset = test::peek<std::uint64_t>(image, test::at(2, 17));
  const auto size = test::peek<std::uint64_t>(image, test::at(2, 25));
  const auto parsed = parse_dsse(image.substr(offset, size));
  ASSERT_TRUE(parsed) << parsed.error().line();
  EXPECT_EQ(parsed->statement.substr(0, 13), "{\"version\":1,");
  ASSERT_EQ(parsed->signatures.size(), 2U);
  EXPECT_EQ(parsed->signatures[0].signature.size(), 64U);   // Ed25519
  EXPECT_EQ(parsed->signatures[1].signature.size(), 512U);  // RSA-4096
  EXPECT_EQ(parsed->signatures[0].key_hint, "SHA256:x6l8ZblpSSXGaPMCzySedWg88BwIFcz8jlPb6el0mFs");
}

TEST(ParseDsse, BoundsWhatItTakes) {
  const auto many = [](std::size_t count) {
    std::string list = signature();
    while (--count > 0) list += "," + signature();
    return envelope(list);
  };
  EXPECT_TRUE(parse_dsse(many(kMaxDsseSignatures)));
  EXPECT_FALSE(parse_dsse(many(kMaxDsseSignatures + 1)));
  EXPECT_TRUE(parse_dsse(envelope(signature("c2ln", std::string(128, 'k')))));
  EXPECT_FALSE(parse_dsse(envelope(signature("c2ln", std::string(129, 'k')))));
  const std::string longest(kMaxDsseSignatureSize / 3 * 4, 'A');
  EXPECT_TRUE(parse_dsse(envelope(signature(longest))));
  EXPECT_FALSE(parse_dsse(envelope(signature(longest + "AAAA"))));
}

TEST(ParseDsse, RefusesEverythingElse) {
  const std::string payload = "\"aGVsbG8=\"";
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"", "not a JSON object"},
      {"{}", "the envelope: field 'payloadType' is missing"},
      {envelope() + "\n", "not a JSON object"},
      {" " + envelope(), "not a JSON object"},
      {envelope() + envelope(), "not JSON"},
      {"\xef\xbb\xbf" + envelope(), "plain ASCII"},
      {envelope(signature("c2ln", "k\xc3\xa9y")), "plain ASCII"},
      {envelope(signature("c2ln", "k\\u0065y")), "plain ASCII"},
      {envelope(signature("c2ln", "k\x7f")), "plain ASCII"},
      {envelope(signature("c2ln", "k\ny")), "not JSON"},
      {envelope(signature("c2l\\u006e")), "plain ASCII"},
      {envelope(""), "1 to 16 signatures"},
      {R"({"payloadType":")" + kType + R"(","payload":"aGVsbG8=","signatures":{}})",
       "'signatures' has the wrong type"},
      {R"({"payloadType":")" + kType + R"(","payload":"aGVsbG8=","signatures":null})",
       "'signatures' has the wrong type"},
      {envelope("[]"), "signatures: 1: not an object"},
      {envelope("{}"), "signatures: 1: field 'sig' is missing"},
      {envelope(R"({"keyid":"k"})"), "signatures: 1: field 'sig' is missing"},
      {envelope(R"({"Sig":"c2ln"})"), "signatures: 1: field 'sig' is missing"},
      {envelope(R"({"keyid":"k","sig":"c2ln","cert":"x"})"), "unknown field 'cert'"},
      {envelope(R"({"sig":"c2ln","KeyID":"x"})"), "unknown field 'KeyID'"},
      {envelope(R"({"sig":"c2ln","sig":"c2ln"})"), "'sig' is repeated"},
      {envelope(R"({"keyid":1,"sig":"c2ln"})"), "'keyid' has the wrong type"},
      {envelope(R"({"keyid":null,"sig":"c2ln"})"), "'keyid' has the wrong type"},
      {envelope(R"({"keyid":"k","sig":["c2ln"]})"), "'sig' has the wrong type"},
      {envelope(signature() + "," + signature("")),
       "signatures: 2: field 'sig' is not standard base64"},
      {envelope(signature("c2l")), "'sig' is not standard base64"},
      {envelope(signature("c2ln=")), "'sig' is not standard base64"},
      {envelope(signature("c2ln====")), "'sig' is not standard base64"},
      {envelope(signature("c2l=bg==")), "'sig' is not standard base64"},
      {envelope(signature("=c2n")), "'sig' is not standard base64"},
      {envelope(signature("c===")), "'sig' is not standard base64"},
      {envelope(signature("====")), "'sig' is not standard base64"},
      {envelope(signature("c2l_")), "'sig' is not standard base64"},
      {envelope(signature("c2 n")), "'sig' is not standard base64"},
      {envelope(signature("AB==")), "canonical"},  // bits left over are not zero
      {envelope(signature("AAB=")), "canonical"},
      {envelope(signature(), "\"\""), "'payload' is not standard base64"},
      {envelope(signature(), "null"), "'payload' has the wrong type"},
      {envelope(signature(), "\"aGVsbG8\""), "'payload' is not standard base64"},
      {envelope(signature(), "\"aGVsbG9=\""), "canonical"},
      {envelope(signature(), payload + ",\"payload\":" + payload), "'payload' is repeated"},
      {envelope(signature(), payload + ",\"Payload\":" + payload), "unknown field 'Payload'"},
      {envelope(signature(), payload, "\"application/vnd.in-toto+json\""), "'payloadType' is not"},
      {envelope(signature(), payload, "\"" + kType + " \""), "'payloadType' is not"},
      {envelope(signature(), payload, "\"Application/vnd.sylabs.sif-metadata+json\""),
       "'payloadType' is not"},
      {envelope(signature(), payload, "[]"), "'payloadType' has the wrong type"},
      {envelope(std::string(200, '[') + std::string(200, ']')), "nested deeper"},
  };
  for (const auto& [text, complaint] : cases) {
    const auto parsed = parse_dsse(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().code(), Code::refused) << text;
    EXPECT_THAT(parsed.error().what(), HasSubstr(complaint)) << text;
  }
}

TEST(ParseDsse, RefusesEveryTruncation) {
  const std::string text = envelope();
  ASSERT_TRUE(parse_dsse(text));
  for (std::size_t size = 0; size < text.size(); ++size) {
    EXPECT_FALSE(parse_dsse(text.substr(0, size))) << size;
  }
}

TEST(ParseDsse, CountsValuesBeforeItBuildsThem) {
  std::string list = "0";
  for (int i = 0; i < 100000; ++i) list += ",0";
  const auto parsed = parse_dsse(envelope(list));
  ASSERT_FALSE(parsed);
  EXPECT_THAT(parsed.error().what(), HasSubstr("more values than can be meant"));
}

}  // namespace
}  // namespace sifguard
