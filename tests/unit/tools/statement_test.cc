// Statements, held against those that sylabs/sif signed in the vectors, byte for byte.
#include "helper/tools/statement.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/evp.h>

#include "helper/verify/sandbox/hasher.h"
#include "helper/verify/sandbox/pgp_frame.h"
#include "tests/unit/sif/sif_builder.h"
#include "tests/unit/verify/signing.h"

namespace sifguard {
namespace {

using test::file_of;
using testing::ElementsAre;

Result<std::vector<std::string>> statements(const std::string& bytes,
                                            const std::vector<std::uint32_t>& groups) {
  SG_CHECK(prepare_digests());
  const UniqueFd fd = file_of(bytes);
  SG_TRY(const sif::Image image, sif::read_image(fd.get()));
  return make_statements(fd.get(), image, groups);
}

TEST(Statement, IsWhatSylabsSifSignedWithOpenPgp) {
  const std::string image = test::vector_image("one-group-signed-pgp");
  SG_NEED_VECTOR(image);
  const auto message = parse_clearsigned(image.substr(40960));
  ASSERT_TRUE(message) << message.error().line();
  EXPECT_THAT(statements(image, {1}).value(), ElementsAre(message->statement));
}

TEST(Statement, IsWhatSylabsSifSignedWithDsse) {
  const std::string image = test::vector_image("one-group-signed-dsse");
  SG_NEED_VECTOR(image);
  const std::string key = "\"payload\":\"";
  const std::size_t start = image.find(key) + key.size();
  std::string payload = image.substr(start, image.find('"', start) - start);
  std::string decoded(payload.size() / 4 * 3, '\0');
  EVP_DecodeBlock(reinterpret_cast<unsigned char*>(decoded.data()),
                  reinterpret_cast<const unsigned char*>(payload.data()),
                  static_cast<int>(payload.size()));
  decoded.erase(decoded.find_last_of('}') + 1);
  EXPECT_THAT(statements(image, {1}).value(), ElementsAre(decoded));
}

TEST(Statement, OfEachGroupHasItsOwnRelativeIds) {
  test::SifBuilder builder = test::plain_image();
  test::ObjectSpec data;
  data.group = 2;
  data.data = "second group";
  builder.add(data).add(test::signature_of("not covered"));
  data.data = "";
  builder.add(data);
  const std::string image = builder.build();
  EXPECT_THAT(statements(image, {1, 2}).value(),
              ElementsAre(test::statement_of(image, 1), test::statement_of(image, 2)));
  EXPECT_THAT(statements(image, {2}).value(), ElementsAre(test::statement_of(image, 2)));
}

TEST(Statement, ListsObjectsById) {
  test::SifBuilder builder;
  test::ObjectSpec object;
  for (const std::uint32_t id : {7U, 3U, 5U}) {
    object.id = id;
    object.data = std::string(id, 'x');
    builder.add(object);
  }
  const std::string text = statements(builder.build(), {1}).value().at(0);
  const std::size_t first = text.find("\"relativeId\":0");
  const std::size_t second = text.find("\"relativeId\":2");
  const std::size_t third = text.find("\"relativeId\":4");
  EXPECT_LT(first, second);
  EXPECT_LT(second, third);
  EXPECT_NE(third, std::string::npos);
}

TEST(Statement, CoversALegacySignatureThatIsInTheGroup) {
  const std::string image = test::vector_image("one-group-signed-legacy");
  SG_NEED_VECTOR(image);  // object 3, the signature, is in group 1
  EXPECT_NE(statements(image, {1}).value().at(0).find("\"relativeId\":2"), std::string::npos);
}

TEST(Statement, NeedsAGroupWithObjects) {
  const std::string image = test::plain_image().build();
  for (const std::uint32_t group : {0U, 2U, 0x0fffffffU}) {
    const auto made = statements(image, {group});
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().code(), Code::refused);
    EXPECT_EQ(made.error().what(), "the image has no group " + std::to_string(group));
  }
}

TEST(Statement, GroupsAreFoundAndCounted) {
  test::SifBuilder builder = test::plain_image();
  test::ObjectSpec loose;
  loose.group = 0;
  test::ObjectSpec far;
  far.group = 0x0fffffff;
  far.data = "12345";
  const UniqueFd fd = file_of(builder.add(far).add(loose).build());
  const auto image = sif::read_image(fd.get());
  ASSERT_TRUE(image) << image.error().line();
  EXPECT_THAT(groups_of(*image), ElementsAre(1, 0x0fffffff));
  const std::vector<std::uint32_t> one = {0x0fffffff};
  EXPECT_EQ(bytes_to_hash(*image, one), 5U);
}

}  // namespace
}  // namespace sifguard
