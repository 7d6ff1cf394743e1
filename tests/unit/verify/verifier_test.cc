// What the verifier reports about images, in process: statements that fit, and attacks on them.
#include "helper/verify/sandbox/verifier.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "helper/verify/sandbox/hasher.h"
#include "tests/unit/verify/forms.h"

namespace sifguard {
namespace {

using test::at;
using test::clearsigned;
using test::kArmor;
using test::poke;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string with_statement(test::SifBuilder builder, const std::string& statement,
                           std::uint32_t group = 1) {
  return builder.add(test::signature_of(clearsigned(statement), group)).build();
}

std::string stated(test::SifBuilder builder, std::uint32_t group = 1,
                   const char* algorithm = "sha256") {
  return with_statement(builder, test::statement_of(builder.build(), group, algorithm), group);
}

Result<VerifierReport> verify(const std::string& bytes) {
  EXPECT_TRUE(prepare_digests());
  return verify_image(test::file_of(bytes).get());
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

TEST(VerifyImage, ReportsAFittingStatement) {
  const std::string bytes = stated(test::plain_image());
  const auto report = verify(bytes);
  ASSERT_TRUE(report) << report.error().line();
  EXPECT_EQ(report->image_size, bytes.size());
  ASSERT_EQ(report->groups.size(), 1U);
  EXPECT_THAT(report->groups[0].objects, ElementsAre(1, 2));
  EXPECT_THAT(report->ungrouped, IsEmpty());
  EXPECT_EQ(report->primary_partition_id, 2U);
  EXPECT_EQ(report->primary_fstype, 1);
  EXPECT_EQ(report->architecture, "amd64");
  EXPECT_FALSE(report->message);
  ASSERT_EQ(report->signatures.size(), 1U);
  const SignatureReport& signature = report->signatures[0];
  EXPECT_EQ(signature.statement, StatementStatus::fits) << signature.note;
  EXPECT_TRUE(signature.header_fits);
  EXPECT_THAT(signature.covered, ElementsAre(1, 2));
  EXPECT_EQ(signature.object_id, 3U);
  EXPECT_EQ(signature.group_id, 1U);
  EXPECT_EQ(signature.signature, kArmor);
  EXPECT_EQ(signature.signed_text.substr(0, 13), "{\"version\":1,");
  EXPECT_EQ(signature.claimed, "4242424242424242424242424242424242424242");
}

TEST(VerifyImage, TakesEveryStrongDigest) {
  for (const char* const algorithm : {"sha256", "sha384", "sha512"}) {
    EXPECT_EQ(only_signature(stated(test::plain_image(), 1, algorithm)).statement,
              StatementStatus::fits);
  }
  const SignatureReport weak = only_signature(stated(test::plain_image(), 1, "sha224"));
  EXPECT_EQ(weak.statement, StatementStatus::weak);
  EXPECT_THAT(weak.note, HasSubstr("'sha224'"));
  EXPECT_THAT(weak.signed_text, IsEmpty());
}

TEST(VerifyImage, LocatesTheMessageOfAnEncryptedImage) {
  const std::string bytes = stated(test::encrypted_image());
  const auto report = verify(bytes);
  ASSERT_TRUE(report) << report.error().line();
  ASSERT_TRUE(report->message);
  EXPECT_EQ(bytes.substr(report->message->offset, report->message->size), test::message_of(1).data);
  EXPECT_EQ(report->primary_fstype, 6);
}

TEST(VerifyImage, CountsRelativeIdsFromTheLowestOfTheGroup) {
  test::SifBuilder builder = test::plain_image();
  for (const std::uint32_t id : {20U, 22U, 25U}) {
    test::ObjectSpec object;
    object.id = id;
    object.group = 2;
    builder.add(object);
  }
  const SignatureReport signature = only_signature(stated(builder, 2));
  EXPECT_EQ(signature.statement, StatementStatus::fits) << signature.note;
  EXPECT_THAT(signature.covered, ElementsAre(20, 22, 25));
}

TEST(VerifyImage, ReportsObjectsWithoutAGroup) {
  test::SifBuilder builder = test::plain_image();
  test::ObjectSpec loose;
  loose.group = 0;
  const auto report = verify(stated(builder.add(loose)));
  ASSERT_TRUE(report);
  EXPECT_THAT(report->ungrouped, ElementsAre(3));
}

TEST(VerifyImage, ReportsObjectsThatNoStatementCovers) {
  test::SifBuilder builder = test::plain_image();
  const std::string statement = test::statement_of(builder.build());
  builder.add(test::partition_of(1, 4, test::squashfs()));  // an overlay slipped in
  const auto report = verify(with_statement(builder, statement));
  ASSERT_TRUE(report);
  EXPECT_THAT(report->groups[0].objects, ElementsAre(1, 2, 3));
  EXPECT_THAT(report->signatures[0].covered, ElementsAre(1, 2));
}

/// A change to a signed image that must show as a statement that does not fit.
struct Attack {
  std::string name;
  std::function<std::string()> image;
  std::string note;
};
void PrintTo(const Attack& attack, std::ostream* out) {
  *out << attack.name;
}

template <typename T>
std::function<std::string()> changed(std::size_t offset, T value) {
  return [=] {
    std::string bytes = stated(test::plain_image());
    poke<T>(bytes, offset, value);
    return bytes;
  };
}

std::string transplanted() {
  test::SifBuilder donor = test::plain_image();
  donor.uuid = "another image 16";
  return with_statement(test::plain_image(), test::statement_of(donor.build()));
}

std::string with_missing_object() {
  test::SifBuilder more = test::plain_image();
  more.add(test::ObjectSpec());
  return with_statement(test::plain_image(), test::statement_of(more.build()));
}

std::string with_exchanged_extents() {
  test::SifBuilder builder;
  test::ObjectSpec one;
  test::ObjectSpec two;
  two.data = "atad";
  std::string bytes = stated(builder.add(one).add(two));
  const auto first = test::peek<std::uint64_t>(bytes, at(0, 17));
  poke(bytes, at(0, 17), test::peek<std::uint64_t>(bytes, at(1, 17)));
  poke(bytes, at(1, 17), first);
  return bytes;
}

const std::vector<Attack> kAttacks = {
    {"launch_script", changed<std::uint8_t>(2, 'X'), "header or launch script was changed"},
    {"uuid", changed<std::uint8_t>(48, 'X'), "header or launch script was changed"},
    {"data", changed<std::uint8_t>(8784, 'X'), "object 1 (definition file 'Singularity.def') was"},
    {"partition_data", changed<std::uint8_t>(8784 + 4000, 'X'), "object 2 (partition"},
    {"name", changed<std::uint8_t>(at(0, 73), 'X'), "descriptor of object 1"},
    {"type", changed<std::uint32_t>(at(0, 0), 0x4007), "descriptor of object 1"},
    {"shrunk", changed<std::uint64_t>(at(0, 25), 17), "descriptor of object 1"},
    {"link", changed<std::uint32_t>(at(0, 13), 2), "descriptor of object 1"},
    {"uid", changed<std::uint64_t>(at(0, 57), 1), "descriptor of object 1"},
    {"fstype", changed<std::uint32_t>(at(1, 201), 4), "descriptor of object 2"},
    {"id", changed<std::uint32_t>(at(1, 5), 9), "object 1 of the signed group is missing"},
    {"lowest_id", changed<std::uint32_t>(at(0, 5), 7), "descriptor of object 2"},
    {"moved_to_group_0", changed<std::uint32_t>(at(0, 9), 0xf0000000), "descriptor of object 2"},
    {"moved_to_group_2", changed<std::uint32_t>(at(1, 9), 0xf0000002), "is missing"},
    {"transplanted_group", transplanted, "signature is of another image"},
    {"object_removed", with_missing_object, "object 2 of the signed group is missing"},
    {"exchanged_extents", with_exchanged_extents, "was changed after signing"},
};

class Attacks : public ::testing::TestWithParam<Attack> {};

TEST_P(Attacks, DoNotFit) {
  const SignatureReport signature = only_signature(GetParam().image());
  EXPECT_EQ(signature.statement, StatementStatus::does_not_fit);
  EXPECT_THAT(signature.note, HasSubstr(GetParam().note));
  EXPECT_FALSE(signature.signed_text.empty());  // cryptography tells whether it is a named signer's
}

INSTANTIATE_TEST_SUITE_P(VerifyImage, Attacks, ::testing::ValuesIn(kAttacks),
                         [](const auto& param_info) { return param_info.param.name; });

TEST(VerifyImage, ReportsMalformedSignaturesAsSuch) {
  const std::string good = test::statement_of(test::plain_image().build());
  std::string repeated = good;
  repeated.insert(1, "\"version\":1,");
  std::string cased = good;
  cased.replace(cased.find("objects"), 7, "Objects");
  const std::vector<std::pair<std::string, std::string>> cases = {
      {clearsigned(repeated), "'version' is repeated"},
      {clearsigned(cased), "field 'objects' is missing"},
      {clearsigned("{}"), "field 'version' is missing"},
      {clearsigned("\n" + good), "not one line"},
      {clearsigned(good) + "x", "something follows"},
      {"", "neither clearsigned text nor DSSE"},
      {"\x99\x01", "neither clearsigned text nor DSSE"},
      {kArmor, "neither clearsigned text nor DSSE"},
  };
  for (const auto& [data, note] : cases) {
    test::SifBuilder builder = test::plain_image();
    const SignatureReport signature = only_signature(builder.add(test::signature_of(data)).build());
    EXPECT_EQ(signature.statement, StatementStatus::malformed) << data;
    EXPECT_THAT(signature.note, HasSubstr(note));
    EXPECT_TRUE(signature.signed_text.empty() && signature.covered.empty());
  }
}

TEST(VerifyImage, WantsSignaturesOutsideGroupsAndLinkedToOne) {
  const auto image_with = [](std::uint32_t group, std::uint32_t link) {
    test::SifBuilder builder = test::plain_image();
    test::ObjectSpec object = test::signature_of(clearsigned(test::statement_of(builder.build())));
    object.group = group;
    object.link = link;
    return builder.add(object).build();
  };
  EXPECT_EQ(only_signature(image_with(0, 0xf0000001)).statement, StatementStatus::fits);
  EXPECT_EQ(only_signature(image_with(1, 0xf0000001)).statement, StatementStatus::malformed);
  EXPECT_EQ(only_signature(image_with(0, 0)).statement, StatementStatus::malformed);
  EXPECT_EQ(only_signature(image_with(0, 1)).statement, StatementStatus::malformed);
  const SignatureReport nowhere = only_signature(image_with(0, 0xf0000005));
  EXPECT_EQ(nowhere.statement, StatementStatus::malformed);
  EXPECT_THAT(nowhere.note, HasSubstr("group 5, which has no objects"));
  EXPECT_TRUE(nowhere.signed_text.empty());
}

TEST(VerifyImage, BoundsSignatures) {
  test::SifBuilder many = test::plain_image();
  many.rows = 80;
  for (int i = 0; i < 64; ++i) many.add(test::signature_of("x"));
  EXPECT_TRUE(verify(many.build()));
  EXPECT_THAT(verify(many.add(test::signature_of("x")).build()).error().what(),
              HasSubstr("more than 64 signatures"));
  test::SifBuilder big = test::plain_image();
  EXPECT_THAT(verify(big.add(test::signature_of(std::string(kMaxSignatureSize + 1, 'x'))).build())
                  .error()
                  .what(),
              HasSubstr("1048577 bytes"));
  test::SifBuilder total = test::plain_image();
  for (int i = 0; i < 3; ++i) total.add(test::signature_of(std::string(kMaxSignatureSize, 'x')));
  EXPECT_THAT(verify(total.build()).error().what(), HasSubstr("bytes of them"));
}

TEST(VerifyImage, ReportsSurviveTheWireAtTheirLargest) {
  test::SifBuilder builder = test::plain_image();
  builder.rows = 4096;
  for (int i = 0; i < 4000; ++i) builder.add(test::ObjectSpec());
  const std::string statement = test::statement_of(builder.build());
  builder.add(test::signature_of(clearsigned(statement)));
  const std::string bytes = builder.build();
  const auto report = verify(bytes);
  ASSERT_TRUE(report) << report.error().line();
  EXPECT_EQ(report->signatures[0].covered.size(), 4002U);
  const std::string encoded = encode_report(*report);
  EXPECT_LT(encoded.size(), kMaxReport);
  EXPECT_TRUE(decode_report(encoded, bytes.size()));
}

}  // namespace
}  // namespace sifguard
