// OCI-SIFs before the verifier: what it reports of a signed one, and that data must have the
// digests that are stated for it, whoever signed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "helper/verify/sandbox/hasher.h"
#include "helper/verify/sandbox/verifier.h"
#include "tests/unit/sif/oci_builder.h"
#include "tests/unit/verify/signing.h"

namespace sifguard {
namespace {

using test::OciBuilder;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

Result<VerifierReport> verify(const std::string& bytes) {
  EXPECT_TRUE(prepare_digests());
  return verify_image(test::file_of(bytes).get());
}

/// With a statement over all of it, in a frame that nobody signed.
std::string stated(test::SifBuilder builder) {
  const std::string statement = test::statement_of(builder.build());
  return builder
      .add(test::signature_of("-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n" + statement +
                              "\n-----BEGIN PGP SIGNATURE-----\n\nAAAA\n"
                              "-----END PGP SIGNATURE-----\n"))
      .build();
}

TEST(VerifyOci, ReportsLayersAndHowToRunIt) {
  const std::string bytes = stated(OciBuilder().sif());
  const auto report = verify(bytes);
  ASSERT_TRUE(report) << report.error().line();
  ASSERT_TRUE(report->oci);
  ASSERT_EQ(report->oci->layers.size(), 2U);
  for (std::size_t i = 0; i < 2; ++i) {
    const PartitionFact& layer = report->oci->layers[i];
    EXPECT_EQ(bytes.substr(layer.offset, layer.size), test::layer_data(i));
  }
  EXPECT_THAT(report->oci->entrypoint, ElementsAre("/bin/sh"));
  EXPECT_THAT(report->oci->env, ElementsAre("PATH=/bin", "A=b=c"));
  EXPECT_EQ(report->oci->working_dir, "/srv");
  EXPECT_EQ(report->architecture, "amd64");
  EXPECT_EQ(report->primary_partition_id, 0U);
  ASSERT_EQ(report->signatures.size(), 1U);
  EXPECT_EQ(report->signatures[0].statement, StatementStatus::fits) << report->signatures[0].note;
  EXPECT_THAT(report->signatures[0].covered, ElementsAre(1, 2, 3, 4, 5));
  const auto decoded = decode_report(encode_report(*report), bytes.size());
  ASSERT_TRUE(decoded) << decoded.error().line();
  EXPECT_EQ(encode_report(*decoded), encode_report(*report));
}

TEST(VerifyOci, ASignatureDoesNotMakeWrongDigestsRight) {
  // Each leaves the size, and a document that says the same.
  const std::string type = R"("mediaType":"application/vnd.oci.image.manifest.v1+json")";
  const std::vector<test::OciBuilder::Change> changes = {
      [](std::string& layer) { layer.back() = 'x'; },
      [](std::string& layer) { layer[3000] = 'x'; },
      test::replacing(R"("docker_version":"20")", R"("docker_version":"21")"),
      test::replacing(R"("schemaVersion":2,)" + type, type + R"(,"schemaVersion":2)"),
      test::replacing("{", "{ "),
  };
  for (std::size_t object = 0; object < changes.size(); ++object) {
    OciBuilder builder;
    builder.objects_change = [&](auto& objects) { changes[object](objects[object].data); };
    const auto report = verify(stated(builder.sif()));
    ASSERT_FALSE(report) << object;
    EXPECT_EQ(report.error().code(), Code::refused);
    EXPECT_THAT(report.error().what(),
                HasSubstr("object " + std::to_string(object + 1) + " (OCI "));
    EXPECT_THAT(report.error().what(), HasSubstr("does not have the digest that is stated for it"));
  }
}

TEST(VerifyOci, UnsignedBlobsAreHashedToo) {
  OciBuilder builder;
  EXPECT_TRUE(verify(builder.sif().build()));
  builder.objects_change = [](auto& objects) { objects[1].data[3000] = '!'; };
  const auto report = verify(builder.sif().build());
  ASSERT_FALSE(report);
  EXPECT_THAT(report.error().what(), HasSubstr("object 2 (OCI blob) does not have the digest"));
}

TEST(VerifyOci, APartitionBesideItIsRefusedWhoeverSigned) {
  const auto report =
      verify(stated(OciBuilder().sif().add(test::partition_of(1, 2, test::squashfs()))));
  ASSERT_FALSE(report);
  EXPECT_THAT(report.error().what(), HasSubstr("stands beside an OCI image"));
}

TEST(VerifyOci, ABlobThatWasSlippedInIsRefused) {
  test::SifBuilder builder = OciBuilder().sif();
  const std::string statement = stated(builder);
  const auto report = verify(builder.add(test::blob_of("more")).build());
  ASSERT_FALSE(report);
  EXPECT_THAT(report.error().what(), HasSubstr("belongs to no part of the OCI image"));
}

}  // namespace
}  // namespace sifguard
