// Who must have signed: every form of signing_key, as a whole file is read.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "keystore/policy/images_edit.h"
#include "keystore/policy/policy.h"

namespace sifguard {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const std::string kA(40, 'A');
const std::string kB(40, 'B');
const std::string kSpki = "spki:" + std::string(64, '0');

std::string file(const std::string& signing_key) {
  return "version: 1\ndefault: reject\nimages:\n  - name: x\n    match: [/x]\n    signing_key: " +
         signing_key + "\n    allow: {users: [alice]}\n";
}

SignerRequirement read(const std::string& signing_key) {
  const auto policy = parse_policy(file(signing_key));
  EXPECT_TRUE(policy) << policy.error().line();
  return policy ? policy->bindings.at(0).signers : SignerRequirement{};
}

std::string refusal(const std::string& signing_key) {
  const auto policy = parse_policy(file(signing_key));
  return policy ? "ACCEPTED" : policy.error().line();
}

TEST(SigningKey, TakesEachKindOfSigner) {
  EXPECT_THAT(read("{fingerprint: " + kA + "}").any_of, ElementsAre(kA));
  EXPECT_THAT(read("{public_key: \"" + kSpki + "\"}").any_of, ElementsAre(kSpki));
  EXPECT_THAT(read("{public_key: \"" + std::string(64, '0') + "\"}").any_of, ElementsAre(kSpki));
  EXPECT_THAT(read("{x509: {subject: /O=Example/CN=carol}}").any_of,
              ElementsAre("x509:subject:CN=carol,O=Example"));
  EXPECT_THAT(read("{x509: {subject: \"CN=carol,O=Example\"}}").any_of,
              ElementsAre("x509:subject:CN=carol,O=Example"));
  EXPECT_THAT(read("{x509: {san: \"email:carol@EXAMPLE.org\"}}").any_of,
              ElementsAre("x509:san:email:carol@example.org"));
}

TEST(SigningKey, TakesListsOfThem) {
  const auto signers =
      read("{any_of: [" + kA + ", \"" + kSpki +
           "\", {x509: {subject: /CN=c}}, \"x509:san:dns:Host\"], all_of: [" + kB + "]}");
  EXPECT_THAT(signers.any_of, ElementsAre(kA, kSpki, "x509:subject:CN=c", "x509:san:dns:host"));
  EXPECT_THAT(signers.all_of, ElementsAre(kB));
  EXPECT_FALSE(signers.legacy);
  EXPECT_FALSE(signers.no_strangers);
}

TEST(SigningKey, TakesTheConditions) {
  const auto signers = read("{fingerprint: " + kA + ", legacy: true, signatures: all}");
  EXPECT_TRUE(signers.legacy);
  EXPECT_TRUE(signers.no_strangers);
  EXPECT_FALSE(read("{fingerprint: " + kA + ", signatures: any}").no_strangers);
}

TEST(SigningKey, IsWrittenAsItIsRead) {
  for (const std::string& text :
       {"{fingerprint: " + kA + "}", "{public_key: \"" + kSpki + "\", signatures: all}",
        std::string("{x509: {subject: \"CN=a\\\\,b,O=c\"}, legacy: true}"),
        "{any_of: [" + kA + ", \"" + kSpki + "\"], all_of: [" + kB + "]}"}) {
    const auto policy = parse_policy(file(text));
    ASSERT_TRUE(policy) << policy.error().line();
    const std::string written =
        "version: 1\ndefault: reject\nimages:\n" + format_binding(policy->bindings[0], 2);
    const auto again = parse_policy(written);
    ASSERT_TRUE(again) << again.error().line() << "\n" << written;
    EXPECT_EQ(again->bindings[0].signers, policy->bindings[0].signers) << written;
  }
}

TEST(SigningKey, RefusesEverythingElse) {
  EXPECT_THAT(refusal("{}"), HasSubstr("names no signer"));
  EXPECT_THAT(refusal("{legacy: true}"), HasSubstr("names no signer"));
  EXPECT_THAT(refusal("{x509: {}}"), HasSubstr("pins no name"));
  EXPECT_THAT(refusal("{x509: {subject: ~}}"), HasSubstr("has no value"));
  EXPECT_THAT(refusal("{x509: {issuer: /CN=a}}"), HasSubstr("issuer"));
  EXPECT_THAT(refusal("{x509: {subject: /CN=a, san: \"dns:b\"}}"),
              HasSubstr("cannot stand beside"));
  EXPECT_THAT(refusal("{x509: {subject: carol}}"), HasSubstr("images.yaml:6"));
  EXPECT_THAT(refusal("{x509: {san: carol}}"), HasSubstr("not a subject alternative name"));
  EXPECT_THAT(refusal("{x509: {san: \"email:carol\"}}"), HasSubstr("not a mail address"));
  EXPECT_THAT(refusal("{public_key: \"spki:00\"}"), HasSubstr("not the id of a public key"));
  EXPECT_THAT(refusal("{public_key: " + kA + "}"), HasSubstr("not the id of a public key"));
  EXPECT_THAT(refusal("{fingerprint: \"" + kSpki + "\"}"), HasSubstr("another kind of signer"));
  EXPECT_THAT(refusal("{fingerprint: " + kA + ", public_key: \"" + kSpki + "\"}"),
              HasSubstr("cannot stand beside fingerprint"));
  EXPECT_THAT(refusal("{fingerprint: " + kA + ", any_of: [" + kB + "]}"),
              HasSubstr("put it into the list"));
  EXPECT_THAT(refusal("{any_of: [" + kA + ", {}]}"), HasSubstr("names no signer"));
  EXPECT_THAT(refusal("{any_of: [{fingerprint: " + kA + "}, " + kA + "]}"),
              HasSubstr("is repeated"));
  EXPECT_THAT(refusal("{any_of: [[" + kA + "]]}"), HasSubstr("images.yaml:6"));
  EXPECT_THAT(refusal("{any_of: [cert:" + std::string(64, '0') + "]}"),
              HasSubstr("does not name a signer"));
  EXPECT_THAT(refusal("{fingerprint: " + kA + ", signatures: some}"), HasSubstr("any or all"));
  EXPECT_THAT(refusal("{fingerprint: " + kA + ", legacy: yes}"), HasSubstr("legacy"));
  EXPECT_THAT(refusal(kA), HasSubstr("images.yaml:6"));
}

}  // namespace
}  // namespace sifguard
