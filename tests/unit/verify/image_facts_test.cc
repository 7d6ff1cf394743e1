// Facts as JSON: round trip, and files that are not facts.
#include "helper/verify/examined_facts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sifguard {
namespace {

ImageFacts sample() {
  ImageFacts facts;
  facts.image_size = 1ULL << 40U;
  facts.groups = {{1, {1, 2}}, {7, {9}}};
  facts.ungrouped = {4};
  SignatureFact signature;
  signature.object_id = 3;
  signature.group_id = 1;
  signature.status = SignatureStatus::expired;
  signature.signer = std::string(40, 'A');
  signature.hash = "sha512";
  signature.made = 1700000000;
  signature.valid_until = 1800000000;
  signature.covered = {1, 2};
  signature.note = "a \"quoted\" note";
  facts.signatures = {signature, SignatureFact()};
  facts.signatures[1].form = SignatureForm::dsse;
  facts.primary_partition_id = 2;
  facts.primary_fstype = 6;
  facts.primary = {4096, 8192};
  facts.architecture = "arm64";
  facts.message = CryptoMessageFact{123, 456};
  return facts;
}

TEST(FactsJson, SurviveTheRoundTrip) {
  for (const ImageFacts& facts : {sample(), ImageFacts()}) {
    const std::string json = facts_to_json(facts);
    const auto back = facts_from_json(json);
    ASSERT_TRUE(back) << back.error().line();
    EXPECT_EQ(facts_to_json(**back), json);
  }
  const auto back = facts_from_json(facts_to_json(sample()));
  EXPECT_EQ((*back)->signatures[0].status, SignatureStatus::expired);
  EXPECT_EQ((*back)->signatures[0].note, "a \"quoted\" note");
  EXPECT_EQ((*back)->signatures[1].form, SignatureForm::dsse);
  EXPECT_EQ((*back)->image_size, 1ULL << 40U);
  EXPECT_EQ((*back)->message->offset, 123U);
  EXPECT_EQ((*back)->primary.offset, 4096U);
  EXPECT_EQ((*back)->primary.size, 8192U);
  EXPECT_EQ((*back)->groups[1].objects, std::vector<std::uint32_t>{9});
}

TEST(FactsJson, OfAnOciImageSurviveTheRoundTrip) {
  ImageFacts facts;
  facts.oci = OciFact{{{10, 20}, {30, 40}}, {"A=\"1\""}, {"sh"}, {"-c", ""}, "/srv"};
  const std::string json = facts_to_json(facts);
  const auto back = facts_from_json(json);
  ASSERT_TRUE(back) << back.error().line();
  EXPECT_EQ(facts_to_json(**back), json);
  EXPECT_EQ((*back)->oci->layers[1].size, 40U);
  EXPECT_EQ((*back)->oci->env[0], "A=\"1\"");
  for (const auto& [from, to] : std::vector<std::pair<std::string, std::string>>{
           {"\"offset\":30", "\"offset\":-1"},
           {"\"cmd\":[\"-c\",\"\"]", "\"cmd\":null"},
           {"\"working_dir\":\"/srv\"", "\"working_dir\":1"},
           {"\"env\":", "\"x\":1,\"env\":"}}) {
    std::string changed = json;
    ASSERT_NE(changed.find(from), std::string::npos) << from;
    changed.replace(changed.find(from), from.size(), to);
    EXPECT_FALSE(facts_from_json(changed)) << to;
  }
}

TEST(FactsJson, RefuseEveryTruncation) {
  const std::string json = facts_to_json(sample());
  for (std::size_t size = 0; size < json.size(); ++size) {
    const auto facts = facts_from_json(json.substr(0, size));
    ASSERT_FALSE(facts) << size;
    EXPECT_EQ(facts.error().code(), Code::internal);
  }
}

std::string replaced(const std::string& from, const std::string& to) {
  std::string json = facts_to_json(sample());
  const std::size_t found = json.find(from);
  EXPECT_NE(found, std::string::npos) << from;
  if (found != std::string::npos) json.replace(found, from.size(), to);
  return json;
}

TEST(FactsJson, RefuseOtherValues) {
  const std::vector<std::pair<std::string, std::string>> changes = {
      {"\"version\":3", "\"version\":1"},
      {"\"version\":3", "\"version\":357"},
      {"\"version\":3", "\"version\":3,\"version\":3"},
      {"\"version\":3", "\"version\":3,\"more\":1"},
      {"\"version\":3", "\"Version\":1"},
      {"\"image_size\":", "\"image_size\":-"},
      {"\"fstype\":6", "\"fstype\":\"6\""},
      {"\"fstype\":6", "\"fstype\":600"},
      {"\"status\":\"expired\"", "\"status\":\"Good\""},
      {"\"status\":\"expired\"", "\"status\":1"},
      {"\"form\":\"openpgp\"", "\"form\":\"\""},
      {"\"covered\":[1,2]", "\"covered\":[1,-2]"},
      {"\"covered\":[1,2]", "\"covered\":[4294967296]"},
      {"\"covered\":[1,2]", "\"covered\":{}"},
      {"\"made\":1700000000", "\"made\":9223372036854775808"},
      {"\"made\":1700000000", "\"made\":1.5"},
      {"\"ungrouped\":[4]", "\"ungrouped\":null"},
      {"\"offset\":123", "\"offset\":null"},
      {"\"object\":3", "\"object\":3,\"object\":3"},
      {"\"group\":1", "\"group\":4294967296"},
      {"\"hash\":\"sha512\"", "\"hash\":5"},
      {"\"id\":7", "\"id\":7,\"x\":0"},
  };
  for (const auto& [from, to] : changes) {
    const auto facts = facts_from_json(replaced(from, to));
    ASSERT_FALSE(facts) << from << " → " << to;
    EXPECT_EQ(facts.error().code(), Code::internal);
  }
}

}  // namespace
}  // namespace sifguard
