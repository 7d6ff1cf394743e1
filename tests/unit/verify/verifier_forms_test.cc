// What the verifier reports about DSSE and legacy signatures, in process.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "helper/verify/sandbox/hasher.h"
#include "helper/verify/sandbox/verifier.h"
#include "tests/unit/verify/forms.h"

namespace sifguard {
namespace {

using test::at;
using test::legacy_of;
using test::poke;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr std::uint32_t kGroup1 = 0xf0000001;

/// The report as root gets it: over the wire and checked.
Result<VerifierReport> verify(const std::string& bytes) {
  EXPECT_TRUE(prepare_digests());
  SG_TRY(const VerifierReport report, verify_image(test::file_of(bytes).get()));
  return decode_report(encode_report(report), bytes.size());
}

SignatureReport only_signature(const std::string& bytes) {
  const auto report = verify(bytes);
  EXPECT_TRUE(report) << report.error().line();
  if (!report || report->signatures.size() != 1) {
    ADD_FAILURE() << "not exactly one signature";
    return {};
  }
  return report->signatures[0];
}

std::string data_of(const std::string& image, std::size_t slot) {
  return image.substr(test::peek<std::uint64_t>(image, at(slot, 17)),
                      test::peek<std::uint64_t>(image, at(slot, 25)));
}

// --- DSSE ---------------------------------------------------------------------------------------

std::string with_envelope(const std::vector<test::EnvelopeSignature>& signatures,
                          const char* algorithm = "sha256") {
  test::SifBuilder builder = test::plain_image();
  const std::string statement = test::statement_of(builder.build(), 1, algorithm);
  return builder.add(test::signature_of(test::dsse_of(statement, signatures))).build();
}

TEST(VerifyDsse, ReportsEachSignatureOfAnEnvelope) {
  const auto report = verify(with_envelope({{"SHA256:one", "first"}, {"", "second"}}));
  ASSERT_TRUE(report) << report.error().line();
  ASSERT_EQ(report->signatures.size(), 2U);
  const std::string statement = test::statement_of(test::plain_image().build());
  for (const SignatureReport& one : report->signatures) {
    EXPECT_EQ(one.form, SignatureForm::dsse);
    EXPECT_EQ(one.statement, StatementStatus::fits) << one.note;
    EXPECT_TRUE(one.header_fits);
    EXPECT_EQ(one.object_id, 3U);
    EXPECT_EQ(one.group_id, 1U);
    EXPECT_THAT(one.covered, ElementsAre(1, 2));
    EXPECT_EQ(one.signed_text, test::pae_of(statement));
  }
  EXPECT_EQ(report->signatures[0].signature, "first");
  EXPECT_EQ(report->signatures[0].key_hint, "SHA256:one");
  EXPECT_EQ(report->signatures[1].signature, "second");
  EXPECT_EQ(report->signatures[1].key_hint, "");
}

TEST(VerifyDsse, TakesEveryStrongDigestAndNoWeakOne) {
  for (const char* const algorithm : {"sha256", "sha384", "sha512"}) {
    EXPECT_EQ(only_signature(with_envelope({{"k", "s"}}, algorithm)).statement,
              StatementStatus::fits);
  }
  const SignatureReport weak = only_signature(with_envelope({{"k", "s"}, {"l", "t"}}, "sha224"));
  EXPECT_EQ(weak.statement, StatementStatus::weak);
  EXPECT_THAT(weak.signed_text, IsEmpty());
  EXPECT_THAT(weak.key_hint, IsEmpty());
}

TEST(VerifyDsse, TakesTheVector) {
  const std::string bytes = test::vector_image("one-group-signed-dsse");
  SG_NEED_VECTOR(bytes);
  const auto report = verify(bytes);
  ASSERT_TRUE(report) << report.error().line();
  ASSERT_EQ(report->signatures.size(), 2U);
  for (const SignatureReport& one : report->signatures) {
    EXPECT_EQ(one.statement, StatementStatus::fits) << one.note;
    EXPECT_THAT(one.covered, ElementsAre(1, 2));
  }
}

TEST(VerifyDsse, FindsWhatWasChangedAfterSigning) {
  std::string bytes = with_envelope({{"k", "s"}, {"l", "t"}});
  bytes[8784] = 'X';
  const auto report = verify(bytes);
  ASSERT_TRUE(report);
  ASSERT_EQ(report->signatures.size(), 2U);
  for (const SignatureReport& one : report->signatures) {
    EXPECT_EQ(one.statement, StatementStatus::does_not_fit);
    EXPECT_THAT(one.note, HasSubstr("object 1 (definition file 'Singularity.def') was changed"));
  }
}

TEST(VerifyDsse, ReportsMalformedEnvelopesAndStatements) {
  const std::string good = test::statement_of(test::plain_image().build());
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"{\"payloadType\":\"x\"}", "the envelope: field 'payloadType' is not"},
      {"{", "not a JSON object"},
      {test::dsse_of(good, {}), "1 to 16 signatures"},
      {test::dsse_of(good + "\n", {{"k", "s"}}), "the statement is not one line"},
      {test::dsse_of("{}", {{"k", "s"}}), "the statement: field 'version' is missing"},
      {test::dsse_of("SIFHASH:\n" + std::string(64, 'a'), {{"k", "s"}}), "not one line"},
  };
  for (const auto& [data, note] : cases) {
    test::SifBuilder builder = test::plain_image();
    const SignatureReport one = only_signature(builder.add(test::signature_of(data)).build());
    EXPECT_EQ(one.form, SignatureForm::dsse) << data;
    EXPECT_EQ(one.statement, StatementStatus::malformed) << data;
    EXPECT_THAT(one.note, HasSubstr(note));
  }
}

TEST(VerifyDsse, WantsSignaturesOutsideGroupsAndLinkedToOne) {
  for (const auto& [group, link] :
       {std::pair{1U, kGroup1}, {0U, 0U}, {0U, 1U}, {0U, kGroup1 + 4}}) {
    test::SifBuilder builder = test::plain_image();
    const std::string statement = test::statement_of(builder.build());
    test::ObjectSpec object = test::signature_of(test::dsse_of(statement, {{"k", "s"}, {"", "t"}}));
    object.group = group;
    object.link = link;
    EXPECT_EQ(only_signature(builder.add(object).build()).statement, StatementStatus::malformed);
  }
}

TEST(VerifyDsse, BoundsSignaturesAndRepeatedStatements) {
  const std::vector<test::EnvelopeSignature> sixteen(16, {"k", "s"});
  const auto image_with = [&](int envelopes) {
    test::SifBuilder builder = test::plain_image();
    const std::string statement = test::statement_of(builder.build());
    for (int i = 0; i < envelopes; ++i) {
      builder.add(test::signature_of(test::dsse_of(statement, sixteen)));
    }
    return builder.build();
  };
  const auto most = verify(image_with(4));
  ASSERT_TRUE(most) << most.error().line();
  EXPECT_EQ(most->signatures.size(), 64U);
  EXPECT_THAT(verify(image_with(5)).error().what(), HasSubstr("more than 64 signatures"));
  test::SifBuilder large = test::plain_image();
  large.rows = 1100;
  for (int i = 0; i < 1000; ++i) large.add(test::ObjectSpec());
  const std::string statement = test::statement_of(large.build());
  ASSERT_GT(statement.size() * 16, kMaxSignatureBytes);
  large.add(test::signature_of(test::dsse_of(statement, sixteen)));
  EXPECT_THAT(verify(large.build()).error().what(), HasSubstr("bytes of them"));
}

// --- Legacy -------------------------------------------------------------------------------------

TEST(VerifyLegacy, TakesTheVectors) {
  const std::vector<std::pair<const char*, std::vector<std::vector<std::uint32_t>>>> cases = {
      {"one-group-signed-legacy", {{2}}},
      {"one-group-signed-legacy-all", {{1}, {2}}},
      {"one-group-signed-legacy-group", {{1, 2}}},
  };
  for (const auto& [name, covered] : cases) {
    const std::string bytes = test::vector_image(name);
    SG_NEED_VECTOR(bytes);
    const auto report = verify(bytes);
    ASSERT_TRUE(report) << report.error().line();
    ASSERT_EQ(report->signatures.size(), covered.size()) << name;
    for (std::size_t i = 0; i < covered.size(); ++i) {
      const SignatureReport& one = report->signatures[i];
      EXPECT_EQ(one.form, SignatureForm::legacy);
      EXPECT_EQ(one.statement, StatementStatus::fits) << one.note;
      EXPECT_FALSE(one.header_fits);
      EXPECT_EQ(one.group_id, 1U);
      EXPECT_EQ(one.covered, covered[i]) << name;
      EXPECT_EQ(one.claimed, "12045C8C0B1004D058DE4BEDA20C27EE7FF7BA84");
      EXPECT_EQ(one.signed_text.substr(0, 10), "SIFHASH:\r\n");
      EXPECT_THAT(one.signature, HasSubstr("BEGIN PGP SIGNATURE"));
    }
  }
}

TEST(VerifyLegacy, TakesEveryStrongDigest) {
  for (const std::uint32_t hash : {1U, 2U, 3U}) {
    test::SifBuilder builder = test::plain_image();
    const std::string plain = builder.build();
    builder.add(legacy_of(data_of(plain, 1), 2, 1, hash));
    builder.add(legacy_of(data_of(plain, 0) + data_of(plain, 1), kGroup1, 0, hash));
    const auto report = verify(builder.build());
    ASSERT_TRUE(report) << report.error().line();
    EXPECT_EQ(report->signatures[0].statement, StatementStatus::fits);
    EXPECT_THAT(report->signatures[0].covered, ElementsAre(2));
    EXPECT_EQ(report->signatures[1].statement, StatementStatus::fits);
    EXPECT_THAT(report->signatures[1].covered, ElementsAre(1, 2));
  }
}

TEST(VerifyLegacy, CallsOtherTypesWeakAndOtherLengthsMalformed) {
  for (const std::uint32_t hash : {0U, 4U, 5U, 0xffffffffU}) {
    test::SifBuilder builder = test::plain_image();
    test::ObjectSpec object = legacy_of("x", 2, 1);
    object.extra = test::le32(hash);
    EXPECT_EQ(only_signature(builder.add(object).build()).statement, StatementStatus::weak);
  }
  test::SifBuilder builder = test::plain_image();
  test::ObjectSpec object = legacy_of("x", 2, 1, 2);
  object.extra = test::le32(1);  // nothing signs it: it must fit
  const SignatureReport one = only_signature(builder.add(object).build());
  EXPECT_EQ(one.statement, StatementStatus::malformed);
  EXPECT_THAT(one.note, HasSubstr("not 64 lower-case"));
  EXPECT_THAT(one.signed_text, IsEmpty());
}

/// Writers took the objects as the table has them, signatures of objects among them.
TEST(VerifyLegacy, TakesGroupsSignedBeforeAndAfterTheirObjects) {
  test::SifBuilder builder = test::plain_image();
  const std::string plain = builder.build();
  const std::string both = data_of(plain, 0) + data_of(plain, 1);
  const test::ObjectSpec of_object = legacy_of(data_of(plain, 1), 2, 1);
  builder.add(of_object);
  builder.add(legacy_of(both, kGroup1, 0));
  builder.add(legacy_of(both + of_object.data, kGroup1, 0));
  builder.add(legacy_of(of_object.data + both, kGroup1, 0));
  const auto report = verify(builder.build());
  ASSERT_TRUE(report) << report.error().line();
  ASSERT_EQ(report->signatures.size(), 4U);
  EXPECT_EQ(report->signatures[1].statement, StatementStatus::fits);
  EXPECT_EQ(report->signatures[2].statement, StatementStatus::fits);
  EXPECT_THAT(report->signatures[2].covered, ElementsAre(1, 2));
  EXPECT_EQ(report->signatures[3].statement, StatementStatus::does_not_fit);
}

TEST(VerifyLegacy, CoversOneGroupOnly) {
  test::SifBuilder builder = test::plain_image();
  test::ObjectSpec other;
  other.group = 2;
  builder.add(other);
  const std::string plain = builder.build();
  builder.add(legacy_of(data_of(plain, 2), 0xf0000002, 0));
  builder.add(legacy_of(data_of(plain, 0) + data_of(plain, 1) + data_of(plain, 2), kGroup1, 0));
  const auto report = verify(builder.build());
  ASSERT_TRUE(report);
  EXPECT_EQ(report->signatures[0].group_id, 2U);
  EXPECT_THAT(report->signatures[0].covered, ElementsAre(3));
  EXPECT_EQ(report->signatures[1].statement, StatementStatus::does_not_fit);
  EXPECT_THAT(report->signatures[1].covered, IsEmpty());
}

TEST(VerifyLegacy, HashesOnePassBesideOtherForms) {
  test::SifBuilder builder = test::plain_image();
  const std::string plain = builder.build();
  const std::string statement = test::statement_of(plain, 1, "sha512");
  builder.add(legacy_of(data_of(plain, 0) + data_of(plain, 1), kGroup1, 0, 1));
  builder.add(test::signature_of(test::clearsigned(statement)));
  builder.add(test::signature_of(test::dsse_of(statement, {{"k", "s"}})));
  const auto report = verify(builder.build());
  ASSERT_TRUE(report) << report.error().line();
  ASSERT_EQ(report->signatures.size(), 3U);
  for (const SignatureReport& one : report->signatures) {
    EXPECT_EQ(one.statement, StatementStatus::fits) << one.note;
  }
}

TEST(VerifyLegacy, DoesNotFitOtherData) {
  test::SifBuilder builder = test::plain_image();
  const std::string plain = builder.build();
  builder.add(legacy_of(data_of(plain, 1), 2, 1));
  builder.add(legacy_of(data_of(plain, 0) + data_of(plain, 1), kGroup1, 0));
  std::string bytes = builder.build();
  bytes[test::peek<std::uint64_t>(bytes, at(1, 17)) + 4000] ^= 1;
  const auto report = verify(bytes);
  ASSERT_TRUE(report);
  EXPECT_EQ(report->signatures[0].statement, StatementStatus::does_not_fit);
  EXPECT_THAT(report->signatures[0].note,
              HasSubstr("object 2 (partition 'root.part') was changed"));
  EXPECT_EQ(report->signatures[1].statement, StatementStatus::does_not_fit);
  EXPECT_THAT(report->signatures[1].note, HasSubstr("some object of group 1 was changed"));
  EXPECT_FALSE(report->signatures[1].signed_text.empty());
}

TEST(VerifyLegacy, IsMalformedWhenItIsAboutNothing) {
  const auto linked = [](std::uint32_t link, std::uint32_t group = 1) {
    test::SifBuilder builder = test::plain_image();
    test::ObjectSpec loose;
    loose.group = 0;  // object 3
    return only_signature(builder.add(loose).add(legacy_of("data", link, group)).build());
  };
  for (const std::uint32_t link : {0U, 3U, 4U, 99U, 0xf0000007U}) {  // 4 is itself
    const SignatureReport one = linked(link);
    EXPECT_EQ(one.statement, StatementStatus::malformed) << link;
    EXPECT_THAT(one.note, HasSubstr("linked to")) << link;
    EXPECT_TRUE(one.signed_text.empty() && one.covered.empty()) << link;
  }
}

// --- Groups of signatures alone -----------------------------------------------------------------

TEST(VerifyImage, ReportsSurviveGroupsThatHoldOnlySignatures) {
  test::SifBuilder builder = test::plain_image();
  const std::string statement = test::statement_of(builder.build());
  test::ObjectSpec lonely = test::signature_of(test::clearsigned(statement), 2);
  lonely.group = 2;
  test::ObjectSpec about_it = test::signature_of(test::clearsigned(statement), 2);
  builder.add(test::signature_of(test::clearsigned(statement))).add(lonely).add(about_it);
  builder.add(legacy_of("x", 0xf0000002, 2));
  const auto report = verify(builder.build());
  ASSERT_TRUE(report) << report.error().line();
  ASSERT_EQ(report->groups.size(), 1U);
  EXPECT_EQ(report->signatures[0].statement, StatementStatus::fits);
  for (std::size_t i = 1; i < 4; ++i) {
    EXPECT_EQ(report->signatures[i].statement, StatementStatus::malformed);
  }
  EXPECT_THAT(report->signatures[2].note, HasSubstr("group 2, which has no objects"));
}

}  // namespace
}  // namespace sifguard
