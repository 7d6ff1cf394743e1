// What the SIF reader understands. Images that break a rule: image_rules_test.cc.
#include "helper/sif/image.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include "tests/unit/sif/sif_builder.h"

namespace sifguard::sif {
namespace {

using test::at;

Result<Image> read(const std::string& bytes) {
  return read_image(test::file_of(bytes).get());
}

TEST(ReadImage, DecodesAPlainImage) {
  const auto image = read(test::plain_image().build());
  ASSERT_TRUE(image) << image.error().line();
  ASSERT_EQ(image->objects.size(), 2U);
  EXPECT_EQ(image->objects[0].type, DataType::deffile);
  EXPECT_EQ(image->objects[0].name(), "Singularity.def");
  EXPECT_EQ(image->objects[0].group, 1U);
  EXPECT_EQ(image->objects[0].size, 18U);
  ASSERT_EQ(image->primary, 1U);
  EXPECT_EQ(image->objects[1].partition->file_system, FileSystem::squashfs);
  EXPECT_EQ(architecture_name(image->objects[1].partition->arch_code), "amd64");
  EXPECT_FALSE(image->crypto_message);
}

TEST(ReadImage, FindsTheMessageOfAnEncryptedImage) {
  const auto image = read(test::encrypted_image().build());
  ASSERT_TRUE(image) << image.error().line();
  EXPECT_EQ(image->crypto_message, 1U);
}

TEST(ReadImage, TakesEncryptionWithAPassphraseWhichHasNoMessage) {
  for (const auto file_system : {FileSystem::luks_squashfs, FileSystem::gocryptfs_squashfs}) {
    auto bytes = test::plain_image().build();
    bytes[at(1, 201)] = static_cast<char>(file_system);
    const auto image = read(bytes);
    ASSERT_TRUE(image) << image.error().line();
    EXPECT_TRUE(is_encrypted(image->objects[*image->primary].partition->file_system));
    EXPECT_FALSE(image->crypto_message);
  }
}

TEST(ReadImage, KeepsStrangeNamesButEscapesThemWhenShown) {
  auto builder = test::plain_image();
  test::ObjectSpec object;
  object.name = "a\x1b[31m\n\xff";
  const auto image = read(builder.add(object).build());
  ASSERT_TRUE(image) << image.error().line();
  EXPECT_EQ(image->objects[2].name(), "a\x1b[31m\n\xff");
  EXPECT_EQ(image->objects[2].shown(), "object 3 (generic data 'a\\x1b[31m\\x0a\\xff')");
}

TEST(ReadImage, TakesANameWithoutAFinalNul) {
  auto bytes = test::plain_image().build();
  bytes.replace(at(0, 73), 128, std::string(128, 'n'));
  const auto image = read(bytes);
  ASSERT_TRUE(image) << image.error().line();
  EXPECT_EQ(image->objects[0].name().size(), 128U);
}

TEST(ReadImage, DecodesSignatureClaimsAndLinks) {
  auto builder = test::plain_image();
  const auto image = read(builder.add(test::signature_of("x")).build());
  ASSERT_TRUE(image) << image.error().line();
  ASSERT_TRUE(image->objects[2].signature);
  EXPECT_EQ(image->objects[2].signature->hash, 1);
  EXPECT_EQ(image->objects[2].signature->entity[0], std::byte{0x42});
  EXPECT_EQ(image->objects[2].link.kind, Link::Kind::group);
  EXPECT_EQ(image->objects[2].link.id, 1U);
  EXPECT_EQ(image->objects[2].group, 0U);
}

TEST(ReadImage, TakesAnUnlinkedMessageOfAnyKind) {
  auto builder = test::plain_image();
  EXPECT_TRUE(read(builder.add(test::message_of(0, 1, 0x100)).build()));
}

TEST(ReadImage, TakesEmptyObjectsAndGaps) {
  auto builder = test::plain_image();
  test::ObjectSpec empty;
  empty.data.clear();
  auto bytes = builder.add(empty).build();
  bytes += "trailing bytes that no descriptor names";
  EXPECT_TRUE(read(bytes));
}

TEST(ReadImage, TakesAFullTableAndAnEmptyOne) {
  auto builder = test::plain_image();
  builder.rows = 2;
  EXPECT_TRUE(read(builder.build()));
  test::SifBuilder nothing;
  nothing.rows = 0;
  const auto image = read(nothing.build());
  ASSERT_TRUE(image) << image.error().line();
  EXPECT_TRUE(image->objects.empty());
}

TEST(ReadImage, IsNoInputWhenItIsNotARegularFile) {
  const UniqueFd device(::open("/dev/zero", O_RDONLY | O_CLOEXEC));
  const auto image = read_image(device.get());
  ASSERT_FALSE(image);
  EXPECT_EQ(image.error().code(), Code::no_input);
  EXPECT_EQ(read_image(-1).error().code(), Code::no_input);
}

TEST(ReadImage, RefusesEveryTruncation) {
  const std::string bytes = test::encrypted_image().build();
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const auto image = read(bytes.substr(0, size));
    ASSERT_FALSE(image) << "cut to " << size;
    ASSERT_EQ(image.error().code(), Code::refused) << "cut to " << size;
  }
  EXPECT_TRUE(read(bytes));
}

TEST(ReadImage, TakesAHeaderArchitectureOnlyWhenItIsThePartitions) {
  test::SifBuilder builder;
  builder.arch = "04";
  builder.add(test::partition_of(1, 2, test::squashfs(), "04"));
  const auto image = read(builder.build());
  ASSERT_TRUE(image) << image.error().line();
  EXPECT_EQ(architecture_name(image->objects[0].partition->arch_code), "arm64");
}

TEST(ArchitectureName, KnowsTheCodesAndNothingElse) {
  EXPECT_EQ(architecture_name("01"), "386");
  EXPECT_EQ(architecture_name("13"), "loong64");
  EXPECT_EQ(architecture_name("14"), "unknown");
  EXPECT_EQ(architecture_name("00"), "unknown");
  EXPECT_EQ(architecture_name("0x"), "unknown");
  EXPECT_EQ(architecture_name(std::string_view("2\0", 2)), "unknown");
  EXPECT_EQ(architecture_name(""), "unknown");
}

/// Image, number of objects, whether it has a primary partition.
struct Vector {
  const char* name;
  std::size_t objects;
  bool primary;
};

class Vectors : public ::testing::TestWithParam<Vector> {};

TEST_P(Vectors, AreRead) {
  const std::string bytes = test::vector_image(GetParam().name);
  SG_NEED_VECTOR(bytes);
  const auto image = read(bytes);
  ASSERT_TRUE(image) << image.error().line();
  EXPECT_EQ(image->objects.size(), GetParam().objects);
  EXPECT_EQ(image->primary.has_value(), GetParam().primary);
}

INSTANTIATE_TEST_SUITE_P(Sif, Vectors,
                         ::testing::Values(Vector{"empty", 0, false}, Vector{"empty-id", 0, false},
                                           Vector{"empty-launch-script", 0, false},
                                           Vector{"one-group", 2, true},
                                           Vector{"one-group-signed-pgp", 3, true},
                                           Vector{"one-group-signed-dsse", 3, true},
                                           Vector{"one-group-signed-legacy", 3, true},
                                           Vector{"one-group-signed-legacy-all", 4, true},
                                           Vector{"one-group-signed-legacy-group", 3, true},
                                           Vector{"one-object-crypt-message", 1, false},
                                           Vector{"one-object-sbom", 1, false},
                                           Vector{"one-object-time", 1, false}),
                         [](const auto& param_info) {
                           std::string name = param_info.param.name;
                           for (char& c : name) c = c == '-' ? '_' : c;
                           return name;
                         });

}  // namespace
}  // namespace sifguard::sif
