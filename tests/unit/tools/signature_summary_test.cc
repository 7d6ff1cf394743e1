// What hostile signature objects claim is shown, or is unknown; nothing else happens.
#include "helper/tools/signature_summary.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/sif/sif_builder.h"

namespace sifguard {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr const char* kEnvelope =
    R"({"payloadType":"application/vnd.sylabs.sif-metadata+json","payload":"e30=","signatures":)";

Result<SignatureSummary> summary_of(const std::string& data) {
  test::SifBuilder builder = test::plain_image();
  const UniqueFd fd = test::file_of(builder.add(test::signature_of(data)).build());
  const auto image = sif::read_image(fd.get());
  EXPECT_TRUE(image) << image.error().line();
  return summarize_signature(fd.get(), image->objects.back());
}

TEST(SignatureSummary, OfTheVectors) {
  struct Expected {
    const char* name;
    const char* form;
    std::vector<std::string> claimed;
  };
  const std::string unit = "12045C8C0B1004D058DE4BEDA20C27EE7FF7BA84";
  for (const Expected& expected :
       {Expected{"one-group-signed-pgp", "openpgp", {unit}},
        Expected{"one-group-signed-legacy", "legacy", {unit}},
        Expected{"one-group-signed-dsse",
                 "dsse",
                 {"SHA256:x6l8ZblpSSXGaPMCzySedWg88BwIFcz8jlPb6el0mFs",
                  "SHA256:BhCwr7qZulYcOMSl2Jt2DuYHxHNnN6th4NdMqR/PGa4"}}}) {
    const std::string bytes = test::vector_image(expected.name);
    SG_NEED_VECTOR(bytes);
    const UniqueFd fd = test::file_of(bytes);
    const auto image = sif::read_image(fd.get());
    ASSERT_TRUE(image);
    const auto summary = summarize_signature(fd.get(), image->objects.at(2));
    ASSERT_TRUE(summary) << summary.error().line();
    EXPECT_EQ(summary->form, expected.form);
    EXPECT_EQ(summary->claimed, expected.claimed);
  }
}

TEST(SignatureSummary, OfWhatIsNoSignatureIsUnknown) {
  for (const std::string& data :
       {std::string("x"), std::string(), std::string("{"), std::string("{}"),
        std::string(R"({"payloadType":7,"signatures":[]})"),
        std::string(R"({"payloadType":"text/plain","payload":"","signatures":[{"keyid":"x"}]})"),
        std::string("-----BEGIN PGP SIGNED MESSAGE-----\n"), std::string(1000, '{')}) {
    const auto summary = summary_of(data);
    ASSERT_TRUE(summary) << summary.error().line();
    EXPECT_EQ(summary->form, "unknown") << data;
    EXPECT_THAT(summary->claimed, IsEmpty());
  }
}

TEST(SignatureSummary, OfAnEnvelopeHasTheKeyIdsThatThereAre) {
  const auto claims = [](const std::string& signatures) {
    return summary_of(kEnvelope + signatures + "}").value().claimed;
  };
  EXPECT_THAT(claims(R"([{"keyid":"SHA256:a","sig":"YQ=="}])"), ElementsAre("SHA256:a"));
  EXPECT_THAT(claims(R"([{"sig":"YQ=="}])"), IsEmpty());
}

TEST(SignatureSummary, OfAHugeObjectIsRefused) {
  const auto summary = summary_of(std::string((1U << 20U) + 1, 'x'));
  ASSERT_FALSE(summary);
  EXPECT_EQ(summary.error().code(), Code::refused);
}

TEST(SignatureSummary, TellsCurrentSignaturesFromLegacyOnes) {
  sif::Descriptor object;
  object.type = sif::DataType::signature;
  object.link = {sif::Link::Kind::group, 2};
  EXPECT_TRUE(is_signature_over(object, 2));
  EXPECT_FALSE(is_signature_over(object, 1));
  object.group = 2;
  EXPECT_FALSE(is_signature_over(object, 2));
  object.group = 0;
  object.link = {sif::Link::Kind::object, 2};
  EXPECT_FALSE(is_signature_over(object, 2));
  object.link = {sif::Link::Kind::group, 2};
  object.type = sif::DataType::generic;
  EXPECT_FALSE(is_signature_over(object, 2));
}

}  // namespace
}  // namespace sifguard
